import Storage
import Synchronization
import Vocabulary

/// Copies of whole databases, one at a time, made while they are used.
extension Shipping {
    /// Makes a base of a database, as soon as it is its turn.
    package func wantBase(of name: DatabaseName) { wantBase(line(name)) }

    func wantBase(_ line: Line) {
        schedule.withLock { if !$0.wantsBase.contains(line.name) { $0.wantsBase.append(line.name) } }
        bell.ring()
    }

    /// Whether one is wanted, or any is being made.
    func makesBase(of name: DatabaseName) -> Bool { schedule.withLock { $0.makesBase || $0.wantsBase.contains(name) } }

    func makeBases() async {
        while !Task.isCancelled {
            let rings = bell.rings
            let next = schedule.withLock { schedule in
                let line = schedule.wantsBase.isEmpty ? nil : schedule.lines[schedule.wantsBase.removeFirst()]
                schedule.makesBase = line != nil
                return line
            }
            progress.ring()
            guard let line = next else {
                await bell.wait(beyond: rings, atMost: .seconds(60))
                continue
            }
            do {
                let base = try await base(line)
                logger.info("\(line.name): a base of \(base.size) bytes")
            } catch is CancellationError {
                return
            } catch {
                logger.error("\(line.name): no base could be made: \(error)")
                // A generation without a base is worth nothing.
                if !(error is NotShipped) {
                    try? await Task.sleep(for: settings.retryAfter)
                    wantBase(line)
                }
            }
        }
    }

    /// Copies a database file while it is in use.
    package func base(of name: DatabaseName) async throws -> Base { try await base(line(name)) }

    private func base(_ line: Line) async throws -> Base {
        // One that was begun earlier and ends later would need entries that the other one lets go.
        while true {
            let rings = progress.rings
            if schedule.withLock({ $0.copied.insert(line.name).inserted }) { break }
            await progress.wait(beyond: rings, atMost: .seconds(1))
            try Task.checkCancellation()
        }
        defer {
            schedule.withLock { _ = $0.copied.remove(line.name) }
            progress.ring()
        }
        // The generation's opening comes first.
        while line.snapshot.chain?.opening != nil || line.snapshot.chain == nil {
            let rings = progress.rings
            let state = line.snapshot
            // Where it goes on can be proved only of what was opened.
            if case .unattached = state.mode, !state.isOpened { throw NotShipped(description: "it is not in use") }
            // Whoever waits for a database that is gone keeps all others from their bases.
            guard isInLine(line) else { throw NotShipped(description: "the database is gone") }
            if case .stopped = state.mode { throw NotShipped(description: state.failure ?? "stopped") }
            if state.chain == nil || state.chain?.opening != nil { await progress.wait(beyond: rings, atMost: .seconds(1)) }
            try Task.checkCancellation()
        }
        let (epoch, begunAt) = (line.snapshot.epoch, clock.now())
        guard let chain = line.snapshot.chain else { throw NotShipped(description: "shipping was broken off") }
        let content = try await FileReading(chain.files.file, threads: threads)
        let base = try await chain.archive.putBase(
            content, generation: chain.position.generation, first: chain.logStart - 1, begunAt: begunAt
        ) {
            try await caughtUp(line) { $0.epoch == epoch ? nil : "shipping was broken off" }
            let state = line.snapshot
            guard state.epoch == epoch, let newest = state.chain else { throw NotShipped(description: "shipping was broken off") }
            return (newest.position.ordinal, clock.now())
        }
        line.withState { if $0.epoch == epoch { $0.hasBase = true } }
        settle(line)
        return base
    }
}
