import Storage
import Synchronization
import Vocabulary

/// Who waits to hear that a commit is in an archive that can be restored.
struct Confirmations: Sendable {
    struct Waiting: Sendable {
        /// The database's position.
        let sequence: UInt64
        let since: ContinuousClock.Instant
        let answer: @Sendable (Bool) -> Void
    }

    private var waiting: [DatabaseName: [Waiting]] = [:]

    mutating func add(_ one: Waiting, of name: DatabaseName) { waiting[name, default: []].append(one) }

    /// Those who can be told, who wait no more then.
    mutating func take(_ name: DatabaseName, upTo sequence: UInt64) -> [Waiting] {
        guard let all = waiting[name] else { return [] }
        let rest = all.filter { $0.sequence > sequence }
        waiting[name] = rest.isEmpty ? nil : rest
        return all.filter { $0.sequence <= sequence }
    }

    mutating func take(_ name: DatabaseName) -> [Waiting] { waiting.removeValue(forKey: name) ?? [] }

    /// Those who waited too long.
    mutating func take(before instant: ContinuousClock.Instant) -> [Waiting] {
        var late: [Waiting] = []
        for (name, all) in waiting where all.contains(where: { $0.since < instant }) {
            late += all.filter { $0.since < instant }
            let rest = all.filter { $0.since >= instant }
            waiting[name] = rest.isEmpty ? nil : rest
        }
        return late
    }

    func isEmpty(_ name: DatabaseName) -> Bool { waiting[name] == nil }
}

/// Synchronous shipping: writers hear of a commit when the archive has it, and others go on writing meanwhile.
extension Shipping {
    package func confirms(_ name: DatabaseName) -> Bool { settings.confirms(name) && settings.covers(name) }

    package func confirm(_ name: DatabaseName, position: CommitPosition, _ answer: @escaping @Sendable (Bool) -> Void) {
        let line = line(name)
        confirmations.withLock { $0.add(.init(sequence: position.sequence, since: .now, answer: answer), of: name) }
        call(line, hurry: true)
        // What is stored already rings no more.
        settle(line)
    }

    /// False while a commit before isn't confirmed though it should be: what can't be kept twice is better not begun.
    package func admits(_ name: DatabaseName) -> Bool {
        guard confirms(name) else { return true }
        guard let state = known(name)?.snapshot else { return true }
        if case .stopped = state.mode { return false }
        return state.notes.first.map { clock.now() - $0.at < settings.overdueAfter } ?? true
    }

    /// Tells whoever waits what is known now.
    func settle(_ line: Line) {
        guard confirmations.withLock({ !$0.isEmpty(line.name) }) else { return }
        let state = line.snapshot
        if case .stopped = state.mode {
            for one in confirmations.withLock({ $0.take(line.name) }) { one.answer(false) }
        } else {
            for one in confirmations.withLock({ $0.take(line.name, upTo: state.safeSequence) }) { one.answer(true) }
        }
    }

    /// Nobody waits for ever.
    func giveUpOnTheLate() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: settings.unconfirmedAfter / 10) } catch { break }
            for one in confirmations.withLock({ $0.take(before: .now - settings.unconfirmedAfter) }) { one.answer(false) }
        }
        for one in confirmations.withLock({ $0.take(before: .now + .seconds(1)) }) { one.answer(false) }
    }
}
