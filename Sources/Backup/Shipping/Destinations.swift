import Dispatch
import Logging
import ObjectStores
import Storage
import StorageSQLite
import Synchronization
import Tenants
import Vocabulary

/// Ships to several places at once, each with an archive, a pace and troubles of its own.
package final class Destinations: LogWatcher {
    package struct Line: Sendable {
        package let destination: Destination
        package let shipping: Shipping
    }

    package let all: [Line]

    /// - Parameter placements: what is not in there, such as the scratch databases of probes, is shipped nowhere.
    package init(
        _ destinations: [Destination], placements: Placements, clock: any Clock = SystemClock(), entropy: any Entropy = SystemEntropy(),
        logger: Logger
    ) {
        all = destinations.map { destination in
            var logger = logger
            logger[metadataKey: "destination"] = "\(destination.name)"
            return Line(
                destination: destination,
                shipping: Shipping(
                    to: destination.store, settings: destination.settings(placements), clock: clock, entropy: entropy, logger: logger))
        }
    }

    /// Those that keep a database.
    package func keeping(_ name: DatabaseName) -> [Line] { all.filter { $0.shipping.settings.covers(name) } }

    /// Ships until it is cancelled.
    package func run(_ engine: SQLiteEngine) async {
        await withTaskGroup(of: Void.self) { group in
            for line in all { group.addTask { await line.shipping.run(engine) } }
        }
    }

    /// As ``Shipping/finish(atMost:)``, everywhere at the same time.
    package func finish(atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for line in all { group.addTask { await line.shipping.finish(atMost: limit) } }
        }
    }

    // MARK: Told by the engine

    package func opened(_ name: DatabaseName, at position: CommitPosition) {
        for line in all { line.shipping.opened(name, at: position) }
    }

    package func committed(_ name: DatabaseName, frames: Int, position: CommitPosition) {
        for line in all { line.shipping.committed(name, frames: frames, position: position) }
    }

    package func mayCheckpoint(_ name: DatabaseName, frames: Int) -> Bool {
        let answers = all.map { ($0.shipping, $0.shipping.considerCheckpoint(name, frames: frames)) }
        // One that can't keep up must not make the writer wait for the others in vain.
        for case (_, .decided(false)) in answers { return false }
        let end = DispatchTime.now() + .microseconds(Int(Shipping.Settings().patience.microseconds))
        for case (let shipping, .hurries(let stored)) in answers {
            _ = stored.wait(timeout: end)
            guard shipping.isCaughtUp(name) else { return false }
        }
        return true
    }

    package func destroyed(_ name: DatabaseName) {
        for line in all { line.shipping.destroyed(name) }
    }

    // MARK: Synchronous

    private func confirming(_ name: DatabaseName) -> [Shipping] { all.map(\.shipping).filter { $0.confirms(name) } }

    package func confirms(_ name: DatabaseName) -> Bool { all.contains { $0.shipping.confirms(name) } }

    /// One of them has to.
    package func admits(_ name: DatabaseName) -> Bool {
        let confirming = confirming(name)
        return confirming.isEmpty || confirming.contains { $0.admits(name) }
    }

    /// The first of them answers.
    package func confirm(_ name: DatabaseName, position: CommitPosition, _ answer: @escaping @Sendable (Bool) -> Void) {
        let confirming = confirming(name)
        guard confirming.count > 1 else {
            if let only = confirming.first { only.confirm(name, position: position, answer) } else { answer(false) }
            return
        }
        let race = Race(confirming.count, answer)
        for shipping in confirming { shipping.confirm(name, position: position) { race.note($0) } }
    }

    /// Won by the first who has it, lost when nobody does.
    private final class Race: Sendable {
        private let left: Mutex<Int>
        private let answer: @Sendable (Bool) -> Void

        init(_ count: Int, _ answer: @escaping @Sendable (Bool) -> Void) {
            left = Mutex(count)
            self.answer = answer
        }

        func note(_ isKept: Bool) {
            let outcome: Bool? = left.withLock { left in
                guard left > 0 else { return nil }
                left = isKept ? 0 : left - 1
                return isKept ? true : left == 0 ? false : nil
            }
            if let outcome { answer(outcome) }
        }
    }
}
