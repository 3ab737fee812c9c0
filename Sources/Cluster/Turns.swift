import Synchronization

/// What only one of several processes may do at a time. Each turn has a name.
///
/// Calls wait for a network: never make them on an event loop or the cooperative pool. ``Turns/taking(_:)`` is for those.
package protocol Turns: Sendable {
    /// Nil while somebody else has it, in this process or another. It is held until it is given back, or until its holder is gone.
    func take(_ name: String) throws -> (any Turn)?
}

/// Held by whoever took it.
package protocol Turn: Sendable {
    /// Asks; false once it was lost, as with the connection that held it. Somebody else may have it then.
    func isHeld() -> Bool
    func giveBack()
}

/// The turns of a process that is alone with its data.
package final class LocalTurns: Turns {
    private let taken = Mutex<Set<String>>([])

    package init() {}

    package func take(_ name: String) -> (any Turn)? {
        guard taken.withLock({ $0.insert(name).inserted }) else { return nil }
        return LocalTurn { [self] in _ = taken.withLock { $0.remove(name) } }
    }
}

private final class LocalTurn: Turn {
    private let release: Mutex<(@Sendable () -> Void)?>

    init(_ release: @escaping @Sendable () -> Void) { self.release = Mutex(release) }

    func isHeld() -> Bool { release.withLock { $0 != nil } }

    func giveBack() {
        let release = release.withLock { held in
            defer { held = nil }
            return held
        }
        release?()
    }
}
