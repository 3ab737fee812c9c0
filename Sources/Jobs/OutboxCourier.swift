import Cluster
import Logging
import ServiceLifecycle
import Storage
import Vocabulary

/// Which jobs of an outbox a courier carries: what is slow must not keep the rest waiting.
package enum OutboxLoad: Sendable, Hashable {
    case everything
    case only(String)
    case allBut(String)

    var condition: SQL {
        switch self {
        case .everything: ""
        case .only(let kind): "AND kind = \(kind)"
        case .allBut(let kind): "AND kind <> \(kind)"
        }
    }
}

/// Carries what is in one outbox, again and again later when it fails, until it gives up.
///
/// Woken by what is added; looks by itself twice a minute, or when the next job is due.
package struct OutboxCourier: Service {
    /// When a failed job is tried again: 10 s, 40 s, 160 s, … at most an hour apart, with up to a fifth of chance so that many don't return at once.
    package struct Patience: Sendable, Hashable {
        package let first: Duration
        package let longest: Duration
        package let attempts: Int

        package init(first: Duration = .seconds(10), longest: Duration = .hours(1), attempts: Int = 12) {
            self.first = first
            self.longest = longest
            self.attempts = max(1, attempts)
        }

        func delay(after attempt: Int, chance: UInt64) -> Duration {
            let grown = first.microseconds.multipliedReportingOverflow(by: Int64(1) << (2 * Int64(min(attempt - 1, 20))))
            let base = grown.overflow ? longest.microseconds : min(grown.partialValue, longest.microseconds)
            return .microseconds(base + Int64(chance % UInt64(max(1, base / 5))))
        }
    }

    private static let lease = Duration.minutes(5)
    private static let kept = Duration.days(30)
    private static let day = Duration.days(1)

    private let outbox: Outbox
    private let database: any Database
    private let carriers: [String: any OutboxCarrier]
    private let load: OutboxLoad
    /// How many are on their way at once.
    private let together: Int
    private let patience: Patience
    private let clock: any Clock
    private let entropy: any Entropy
    private let logger: Logger

    package init(
        _ outbox: Outbox, in database: any Database, carriers: [String: any OutboxCarrier], load: OutboxLoad = .everything,
        together: Int = 1, patience: Patience = Patience(),
        clock: any Clock, entropy: any Entropy, logger: Logger
    ) {
        self.outbox = outbox
        self.database = database
        self.carriers = carriers
        self.load = load
        self.together = max(1, together)
        self.patience = patience
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            // A ring may come before its transaction commits: look again a little later, and again.
            let glances: [Duration] = [.milliseconds(20), .milliseconds(100), .milliseconds(500), .seconds(2)]
            var glance = glances.count
            var known = outbox.bell.rings
            var pruned = clock.now() - Self.day
            while !Task.isCancelled {
                var pause = Duration.seconds(30)
                do {
                    try await deliverDue()
                    if clock.now() - pruned >= Self.day {
                        try await prune()
                        pruned = clock.now()
                    }
                    if let next = try await nextDue() { pause = min(pause, max(.milliseconds(20), next - clock.now())) }
                } catch {
                    if Task.isCancelled { return }
                    logger.error("The outbox could not be read", metadata: ["error": "\(error)"])
                }
                if glance < glances.count {
                    pause = min(pause, glances[glance])
                    glance += 1
                }
                await outbox.bell.wait(beyond: known, atMost: pause)
                let rings = outbox.bell.rings
                if rings != known { (known, glance) = (rings, 0) }
            }
        }
    }

    /// Carries everything that is due now, once. Returns how many jobs were tried.
    @discardableResult
    package func deliverDue() async throws -> Int {
        var tried = 0
        while !Task.isCancelled {
            let now = clock.now()
            let claims = try await database.write { [outbox, load] in try outbox.claim(load, at: now, lease: Self.lease, limit: 16, in: $0)
            }
            guard !claims.isEmpty else { break }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, claim) in claims.enumerated() {
                    if index >= together { try await group.next() }
                    group.addTask { try await carry(claim) }
                }
                try await group.waitForAll()
            }
            tried += claims.count
        }
        return tried
    }

    private func carry(_ claim: Outbox.Claim) async throws {
        let outcome = await attempt(claim)
        // The outcome is kept even while shutting down: a delivered message must not be sent again.
        let settled = Task { [outbox, database, clock] in
            try await database.write { try outbox.settle(claim, outcome, at: clock.now(), in: $0) }
        }
        try await settled.value
    }

    /// Forgets what was settled 30 days ago.
    package func prune() async throws {
        let limit = clock.now() - Self.kept
        _ = try await database.write { [outbox] in try outbox.prune(before: limit, in: $0) }
    }

    private func nextDue() async throws -> Instant? {
        try await database.read { [outbox, load] in try outbox.nextDue(load, in: $0) }
    }

    private func attempt(_ claim: Outbox.Claim) async -> Outbox.Outcome {
        if let end = claim.expiresAt, end <= clock.now() { return ended(claim, "it expired before it could be delivered") }
        guard let carrier = carriers[claim.kind] else { return ended(claim, "nothing here carries this kind of job") }
        do {
            let payload = try outbox.open(claim.payload, id: claim.id)
            try await carrier.deliver(Parcel(id: claim.id, kind: claim.kind, payload: payload, attempt: claim.attempt))
            return .delivered
        } catch let fault as Undeliverable {
            return ended(claim, fault.reason)
        } catch {
            let reason = String("\(error)".prefix(200))
            guard claim.attempt < patience.attempts else { return ended(claim, reason) }
            let delay = patience.delay(after: claim.attempt, chance: entropy.words().0)
            logger.notice(
                "A job will be tried again",
                metadata: ["job": "\(claim.id)", "kind": "\(claim.kind)", "attempt": "\(claim.attempt)", "reason": "\(reason)"])
            return .retry(at: clock.now() + delay, reason: reason)
        }
    }

    private func ended(_ claim: Outbox.Claim, _ reason: String) -> Outbox.Outcome {
        logger.error(
            "A job could not be delivered and is given up",
            metadata: ["job": "\(claim.id)", "kind": "\(claim.kind)", "attempt": "\(claim.attempt)", "reason": "\(reason)"])
        return .dead(reason: reason)
    }
}
