import Logging
import ServiceLifecycle
import Vocabulary

/// Runs the probes: all of them at start, then each before its result gets old. One at a time, so that checking never weighs on the work.
package struct ControlRounds: Service {
    private let platform: Platform
    private let results: ControlResults
    private let controls: [Control]
    private let logger: Logger
    private let isOurs: @Sendable () -> Bool
    private let turn = Turn()

    /// How the evidence of a check begins that could not find out.
    package static let couldNot = "Could not be checked: "

    /// `isOurs`: whether this node does the rounds now; of several, one does.
    package init(
        platform: Platform, results: ControlResults, controls: [Control] = Control.all, logger: Logger,
        isOurs: @escaping @Sendable () -> Bool = { true }
    ) {
        self.platform = platform
        self.results = results
        self.controls = controls.filter { $0.probe != nil }
        self.logger = logger
        self.isOurs = isOurs
    }

    package func run() async throws {
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            if !platform.keyring.isSealed, isOurs() { await checkDue() }
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(30)) }
            } catch is CancellationError {
                return
            }
        }
    }

    /// Checks everything now, as somebody asked, and returns how all controls stand.
    package func checkAll() async throws -> [ControlListing] {
        for control in controls { try await check(control) }
        return try await results.list()
    }

    /// Checks one control now. Nil where there is no such control or nothing checks it.
    package func check(_ id: String) async throws -> ControlListing? {
        guard let control = controls.first(where: { $0.id == id }) else { return nil }
        try await check(control)
        return try await results.find(id)
    }

    private func checkDue() async {
        do {
            let now = platform.clock.now()
            for listing in try await results.list() where controls.contains(where: { $0.id == listing.control.id }) {
                if Task.isCancelled || Task.isShuttingDownGracefully || !isOurs() { return }
                // Half-way to stale; what could not be found out is tried again sooner.
                let life = listing.state == .unknown ? min(listing.control.freshness / 2, .minutes(10)) : listing.control.freshness / 2
                if let checkedAt = listing.checkedAt, now < checkedAt + life, checkedAt <= now { continue }
                try await check(listing.control)
            }
        } catch {
            logger.error("The controls could not be checked.", metadata: ["error": "\(type(of: error))"])
        }
    }

    private func check(_ control: Control) async throws {
        guard let probe = control.probe else { return }
        try await turn.take { [platform, results, logger] in
            do {
                let evidence = try await probe.check(platform)
                let state = try await results.file(evidence, of: control)
                if state == .fail { logger.error("A control failed.", metadata: ["control": "\(control.id)"]) }
            } catch is CancellationError {
                throw CancellationError()
            } catch let error as CannotProbe {
                try await results.file(nil, of: control, reason: "\(Self.couldNot)\(error.reason).")
            } catch {
                logger.warning("A control could not be checked.", metadata: ["control": "\(control.id)", "error": "\(type(of: error))"])
                try await results.file(nil, of: control, reason: "\(Self.couldNot)the probe met an error of its own.")
            }
        }
    }

    /// Lets one check run at a time, whoever asked for it.
    private actor Turn {
        private var last: Task<Void, any Error>?

        func take(_ work: @escaping @Sendable () async throws -> Void) async throws {
            let before = last
            let mine = Task {
                _ = await before?.result
                try await work()
            }
            last = mine
            try await withTaskCancellationHandler {
                try await mine.value
            } onCancel: {
                mine.cancel()
            }
        }
    }
}
