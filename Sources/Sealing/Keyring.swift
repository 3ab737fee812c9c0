import Crypto
import Foundation
import Synchronization
import Vocabulary

/// One key per database, each locked with the master key and laid on a ``KeyShelf``.
///
/// The shelf stands apart from every database and every versioned backup: only its current state is copied, so that destroying a key
/// destroys what it locked. Nothing rests there in the clear.
///
/// A keyring starts sealed. While sealed, every call that needs a key throws ``Refusal`` `sealed`; other faults are ``SealingFault``s.
package final class Keyring: Sendable {
    struct Unsealed {
        var current: MasterKey
        /// The new master key, while rotating.
        var next: MasterKey?
        /// What these keys follow from.
        var manifest: KeyringManifest
        let hold: any KeyHold

        var masters: [MasterKey] { [current] + (next.map { [$0] } ?? []) }
    }

    struct State {
        var unsealed: Unsealed?
        var recent: RecentKeys
    }

    let shelf: any KeyShelf
    let entropy: any Entropy
    let state: Mutex<State>
    /// Held while a key is made, rewritten or removed; never together with a wait for anything but the shelf.
    let writing = Mutex(())
    /// How many keys are rewritten between two waits for the shelf.
    let batch: Int
    private let clock: any Clock
    /// Nil until they were read.
    let tombstonesRead = Mutex<[Tombstone]?>(nil)

    /// `directory` is made with mode `0700` when the keyring is first unsealed; at most `cached` keys stay in memory.
    package convenience init(directory: String, clock: any Clock, entropy: any Entropy, cached: Int = 1024, batch: Int = 128) {
        self.init(shelf: KeyDirectory(place: directory), clock: clock, entropy: entropy, cached: cached, batch: batch)
    }

    package init(shelf: any KeyShelf, clock: any Clock, entropy: any Entropy, cached: Int = 1024, batch: Int = 128) {
        self.shelf = shelf
        self.clock = clock
        self.batch = max(1, batch)
        self.entropy = entropy
        state = Mutex(State(unsealed: nil, recent: RecentKeys(capacity: cached)))
    }

    package var isSealed: Bool { state.withLock { $0.unsealed == nil } }

    /// The version of the master key that locks the keyring now. Nil while sealed.
    package var masterVersion: Int? { state.withLock { $0.unsealed?.current.version } }

    /// Opens the keyring. An empty shelf becomes a keyring of `master`; a rotation that was interrupted after the new key was
    /// accepted is finished when `master` is the new key, unless another node is at it.
    /// - Throws: ``SealingFault`` `.wrongMasterKey` and others; the keyring then stays sealed.
    package func unseal(with master: MasterKey) throws {
        let hold = try shelf.hold()
        guard let found = try manifest() else {
            guard try owners().isEmpty else { throw SealingFault.manifestMissing(path: shelf.place) }
            let first = KeyringManifest.settled(.init(master))
            try shelf.replaceManifest(nil, with: first.bytes)
            return open(with: (master, nil), first, hold)
        }
        let keys = try found.keys(from: [master], place: shelf.place)
        open(with: keys, found, hold)
        switch found {
        case .rotating(_, .init(master), _): try finishing { try hold.alone { try rotate(from: keys.current, to: master) { _ in } } }
        case .retiring(let from, _): try finishing { try hold.alone { try retire(from, to: master) { _ in } } }
        case .settled, .rotating: break
        }
    }

    /// The same with whichever of `masters` fits.
    package func unseal(with masters: [MasterKey]) throws {
        for (index, master) in masters.enumerated() {
            do { return try unseal(with: master) } catch SealingFault.wrongMasterKey where index < masters.count - 1 { continue }
        }
    }

    /// Whether no master key has ever locked it.
    package func isNew() throws -> Bool { try shelf.manifest() == nil && shelf.owners().isEmpty }

    /// Forgets the master key and every key in memory.
    package func seal() {
        state.withLock { state in
            state.unsealed = nil
            state.recent.forgetAll()
        }
    }

    /// The key of `owner`: 32 bytes. Don't use it itself, derive from it with ``subkey(for:purpose:)``.
    /// - Throws: ``Refusal`` `sealed`; ``SealingFault`` `.keyMissing`, `.keyDamaged`.
    package func key(for owner: KeyOwner) throws -> Secret {
        guard shelf.isCurrent else { throw Self.away }
        if let key = try state.withLock({ state in
            guard state.unsealed != nil else { throw Self.sealed }
            return state.recent.key(of: owner)
        }) {
            return key
        }
        // A rotation may change the masters between the two reads; then what was read is judged again.
        for _ in 0..<4 {
            let masters = try masters()
            guard let bytes = try shelf.read(owner) else { throw SealingFault.keyMissing(owner: "\(owner)") }
            if let key = WrappedKey(bytes)?.key(of: owner, under: masters) {
                // Kept only if not sealed or destroyed meanwhile.
                state.withLock { state in
                    if state.unsealed != nil { state.recent.keep(key, of: owner) }
                }
                if try !shelf.contains(owner) { state.withLock { $0.recent.forget(owner) } }
                return key
            }
            if try self.masters() == masters { break }
        }
        throw SealingFault.keyDamaged(owner: "\(owner)")
    }

    /// HKDF-SHA256 (RFC 5869) of the owner's key for one purpose: 32 bytes.
    package func subkey(for owner: KeyOwner, purpose: KeyPurpose) throws -> Secret {
        Subkey.derive(from: try key(for: owner), owner: owner, purpose: purpose)
    }

    /// Seals and opens small values of `owner` for `purpose`.
    package func sealer(for owner: KeyOwner, purpose: KeyPurpose) throws -> Sealer {
        Sealer(key: try subkey(for: owner, purpose: purpose), entropy: entropy)
    }

    /// Makes a fresh key; it is on the shelf, durable, when this returns.
    /// - Throws: ``SealingFault`` `.keyExists`, `.entombed`; ``Refusal`` `keyring-changing` while another node rotates the master key and this one was not given the new one.
    package func create(for owner: KeyOwner) throws {
        if let environment = owner.environment, try isEntombed(environment) { throw SealingFault.entombed(owner: "\(owner)") }
        let key = Secret(entropy.bytes(32))
        try writing.withLock { _ in
            guard let unsealed = state.withLock({ $0.unsealed }) else { throw Self.sealed }
            guard !shelf.isShared || unsealed.manifest.isLocked(by: unsealed.masters) else { throw Self.changing }
            let wrapped = try WrappedKey(key, of: owner, under: unsealed.masters, entropy: entropy)
            do {
                guard try shelf.create(owner, with: wrapped.bytes, under: unsealed.manifest.bytes) else {
                    throw SealingFault.keyExists(owner: "\(owner)")
                }
            } catch SealingFault.keyringInUse {
                throw Self.changing
            }
        }
        state.withLock { state in
            if state.unsealed != nil { state.recent.keep(key, of: owner) }
        }
    }

    /// Removes a key for good: what it locked, in backups too, can't be read any more.
    /// - Throws: ``SealingFault`` `.keyMissing`
    package func destroy(for owner: KeyOwner) throws {
        _ = try masters()
        let removed = try writing.withLock { _ in try shelf.remove(owner) }
        state.withLock { $0.recent.forget(owner) }
        guard removed else { throw SealingFault.keyMissing(owner: "\(owner)") }
    }

    package func contains(_ owner: KeyOwner) throws -> Bool {
        _ = try masters()
        return try shelf.contains(owner)
    }

    /// Everybody who has a key, in no particular order. Works while sealed.
    package func owners() throws -> [KeyOwner] { try shelf.owners() }

    /// Drops what is remembered of an owner's key: it may have been destroyed by another node. Nil for all.
    package func forget(_ owner: KeyOwner?) {
        state.withLock { state in
            if let owner { state.recent.forget(owner) } else { state.recent.forgetAll() }
        }
    }
}

extension Keyring {
    static var sealed: Refusal {
        Refusal(
            .unavailable(retryAfter: .seconds(30)), "sealed",
            "Holdfast is sealed: it has no master key, so nothing stored can be read. Its operator has to give it the key.")
    }

    func masters() throws -> [MasterKey] {
        guard let masters = state.withLock({ $0.unsealed?.masters }) else { throw Self.sealed }
        return masters
    }

    static let changing = Refusal(
        .unavailable(retryAfter: .seconds(5)), "keyring-changing",
        "The master key is being changed on another node. Try again in a few seconds.")

    package static let away = Refusal(
        .unavailable(retryAfter: .seconds(1)), "keyring-away", "The keyring doesn't answer. Try again in a few seconds.")

    func manifest() throws -> KeyringManifest? {
        guard let bytes = try shelf.manifest() else { return nil }
        guard let manifest = KeyringManifest(bytes) else { throw SealingFault.manifestDamaged(path: shelf.place) }
        return manifest
    }

    func open(with keys: (current: MasterKey, next: MasterKey?), _ manifest: KeyringManifest, _ hold: any KeyHold) {
        state.withLock { $0.unsealed = Unsealed(current: keys.current, next: keys.next, manifest: manifest, hold: hold) }
    }

    /// Stays sealed if what an earlier process left can't be finished.
    private func finishing(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch SealingFault.keyringInUse where shelf.isShared {
            // Another node is at it.
        } catch {
            seal()
            throw error
        }
    }
}

/// Subkeys by purpose.
enum Subkey {
    static func derive(from key: Secret, owner: KeyOwner, purpose: KeyPurpose) -> Secret {
        key.withBytes { bytes in
            let derived = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: bytes), info: Array("holdfast/1\0\(owner)\0\(purpose.rawValue)".utf8),
                outputByteCount: 32)
            return derived.withUnsafeBytes { Secret($0) }
        }
    }
}
