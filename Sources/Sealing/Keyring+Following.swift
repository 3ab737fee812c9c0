import NIOCore
import NIOPosix
import Vocabulary

extension Keyring {
    /// Runs `body` where it may wait for the shelf. From tasks, make and destroy keys this way.
    package func apart<T: Sendable>(_ body: @escaping @Sendable (Keyring) throws -> T) async throws -> T {
        await shelf.refresh(for: nil)
        return try await NIOSingletons.posixBlockingThreadPool.runIfActive { try body(self) }
    }

    /// Makes sure that keys are given if the shelf can be asked, that of `owner` too if another node has just made it. Worth calling before ``key(for:)``
    /// where a task is at a point that may wait.
    package func refresh(for owner: KeyOwner? = nil) async { await shelf.refresh(for: owner) }

    /// Goes on with what another node made of the master key. Call it when the shelf's manifest changed, with the keys that this node was given.
    ///
    /// Without the right one the keyring seals itself: a node that can't read what the others write must not serve. Called again with it, it opens again.
    /// May wait for the shelf.
    /// - Throws: ``SealingFault`` `.wrongMasterKey`, `.manifestDamaged`, `.manifestMissing`; sealed then.
    package func follow(with given: [MasterKey]) throws {
        do {
            try writing.withLock { _ in
                guard let found = try manifest() else { throw SealingFault.manifestMissing(path: shelf.place) }
                let unsealed = state.withLock { $0.unsealed }
                let keys = try found.keys(from: (unsealed?.masters ?? []) + given, place: shelf.place)
                open(with: keys, found, try unsealed?.hold ?? shelf.hold())
            }
        } catch {
            seal()
            throw error
        }
    }
}
