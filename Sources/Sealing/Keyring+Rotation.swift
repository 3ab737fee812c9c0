import NIOCore
import NIOPosix
import Vocabulary

extension Keyring {
    /// One durable step of a rotation that is about to be taken. Whoever follows the rotation may throw to interrupt it there.
    package enum RotationStep: Sendable, Hashable {
        case announce
        case addLock(KeyOwner)
        case switchOver
        case dropOldLock(KeyOwner)
        case settle
    }

    /// Locks every key with `new` instead of the current master key. Readers go on meanwhile.
    ///
    /// First every key gets a second lock, then the keyring switches, then the first locks go. Until the switch either master key opens the keyring
    /// after a restart, afterwards only the new one; so put the new key where the server loads it from before calling this.
    /// Interrupted, it is resumed by calling it again, or by unsealing with the new key.
    ///
    /// Blocking work runs on a thread of its own.
    /// - Throws: ``SealingFault`` `.masterKeyNotNewer`, `.keyringInUse`, `.file` (the old state stays usable); ``Refusal`` `sealed`.
    package func rotateMaster(to new: MasterKey, following: @escaping @Sendable (RotationStep) throws -> Void = { _ in }) async throws {
        try await NIOSingletons.posixBlockingThreadPool.runIfActive { [self] in
            guard let (current, hold) = state.withLock({ state in state.unsealed.map { ($0.current, $0.hold) } }) else { throw Self.sealed }
            guard current != new else { return }
            guard new.version > current.version else {
                throw SealingFault.masterKeyNotNewer(current: current.version, offered: new.version)
            }
            try hold.alone {
                try rotate(from: current, to: new, following: following)
                // Nobody else writes while this process is alone with the keyring, and what it writes itself is made under `writing`.
                writing.withLock { _ in shelf.sweep() }
            }
        }
    }

    func rotate(from old: MasterKey, to new: MasterKey, following: (RotationStep) throws -> Void) throws {
        let (from, to) = (KeyringManifest.Master(old), KeyringManifest.Master(new))
        try following(.announce)
        let locked = try WrappedKey.box(old.secret, under: new, context: KeyringManifest.context(from: from, to: to), entropy: entropy)
        // From here on new keys get both locks; those made before are in the list that is read after this.
        try write(.rotating(from: from, to: to, locked: locked), masters: (old, new))
        try relock(under: [old, new]) { try following(.addLock($0)) }
        try following(.switchOver)
        try write(.retiring(from: from, to: to), masters: (new, nil))
        try retire(from, to: new, following: following)
    }

    /// Drops the locks of an old master key, after the switch.
    func retire(_ from: KeyringManifest.Master, to new: MasterKey, following: (RotationStep) throws -> Void) throws {
        try relock(under: [new]) { try following(.dropOldLock($0)) }
        try following(.settle)
        try write(.settled(.init(new)), masters: (new, nil))
    }

    private func write(_ manifest: KeyringManifest, masters: (current: MasterKey, next: MasterKey?)) throws {
        guard let before = state.withLock({ $0.unsealed?.manifest }) else { throw Self.sealed }
        try shelf.replaceManifest(before.bytes, with: manifest.bytes)
        try writing.withLock { _ in
            try state.withLock { state in
                guard state.unsealed != nil else { throw Self.sealed }
                state.unsealed?.current = masters.current
                state.unsealed?.next = masters.next
                state.unsealed?.manifest = manifest
            }
        }
    }

    /// Batch by batch, so that makers of keys wait for one batch at most.
    private func relock(under masters: [MasterKey], before: (KeyOwner) throws -> Void) throws {
        var rest = try owners()[...]
        while !rest.isEmpty {
            let owners = rest.prefix(batch)
            rest = rest.dropFirst(batch)
            for owner in owners { try before(owner) }
            try writing.withLock { _ in
                let renewed = try owners.compactMap { owner in
                    try relocked(owner, under: masters).map { (owner: owner, bytes: $0) }
                }
                try shelf.replace(renewed)
            }
        }
    }

    /// Nil if it was destroyed meanwhile, or is locked with just these already.
    private func relocked(_ owner: KeyOwner, under masters: [MasterKey]) throws -> [UInt8]? {
        guard let bytes = try shelf.read(owner) else { return nil }
        guard let wrapped = WrappedKey(bytes) else { throw SealingFault.keyDamaged(owner: "\(owner)") }
        if wrapped.wraps.count == masters.count, masters.allSatisfy(wrapped.isLocked) { return nil }
        guard let key = wrapped.key(of: owner, under: try self.masters()) else { throw SealingFault.keyDamaged(owner: "\(owner)") }
        return try WrappedKey(key, version: wrapped.keyVersion, of: owner, under: masters, entropy: entropy).bytes
    }
}
