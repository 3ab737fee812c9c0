import Storage
import Synchronization
import Vocabulary

/// What is known of shipping, and waiting for it.
extension Shipping {
    package func status(of name: DatabaseName) -> Status? {
        guard let state = schedule.withLock({ $0.lines[name] })?.snapshot else { return nil }
        return Status(
            position: state.chain?.position,
            generation: state.chain?.position.generation, ordinal: state.chain?.position.ordinal, storedUntil: state.chain?.time,
            waiting: state.notes.count, waitingSince: state.notes.first?.at, lagMost: state.lagMost, failure: state.failure)
    }

    /// Returns when every commit that was acknowledged before is stored.
    /// - Throws: ``NotShipped`` where that can't be expected.
    package func caughtUp(_ name: DatabaseName) async throws {
        guard let line = schedule.withLock({ $0.lines[name] }) else { return }
        try await caughtUp(line) { $0.failure }
    }

    /// As ``caughtUp(_:)`` for all databases.
    package func caughtUp() async throws {
        for name in schedule.withLock({ Array($0.lines.keys) }) { try await caughtUp(name) }
    }

    /// Waits until everything is stored, but not longer than `limit`. What is not comes after the next start.
    package func finish(atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for name in self.schedule.withLock({ Array($0.lines.keys) }) {
                    do {
                        try await self.caughtUp(name)
                    } catch {
                        self.logger.error("\(name) was not shipped to the end: \(error)")
                    }
                }
                // A generation without a base is worth nothing yet.
                while !Task.isCancelled {
                    let rings = self.progress.rings
                    if self.schedule.withLock({ $0.wantsBase.isEmpty && !$0.makesBase }) { return }
                    await self.progress.wait(beyond: rings, atMost: .seconds(1))
                }
            }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Not once its database was destroyed.
    func isInLine(_ line: Line) -> Bool { schedule.withLock { $0.lines[line.name] === line } }

    func caughtUp(_ line: Line, orGivesUp: (Line.State) -> String?) async throws {
        let target = line.snapshot.committed
        while true {
            let rings = progress.rings
            let state = line.snapshot
            if state.isCaughtUp { return }
            if case .attached = state.mode, state.stored >= target { return }
            if let reason = orGivesUp(state) { throw NotShipped(description: reason) }
            guard isInLine(line) else { throw NotShipped(description: "the database is gone") }
            try Task.checkCancellation()
            await progress.wait(beyond: rings, atMost: .seconds(1))
        }
    }
}
