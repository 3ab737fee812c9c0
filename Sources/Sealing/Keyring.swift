import Crypto
import Foundation
import Synchronization
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// One key per database, each in a file of its own, locked with the master key.
///
/// The directory stands apart from every database and every versioned backup: only its current state is copied, so that destroying a key
/// destroys what it locked. It holds `keyring` (``KeyringManifest``), `control.key` and `environment-<id>.key` (``WrappedKey``), nothing in the clear.
///
/// A keyring starts sealed. While sealed, every call that needs a key throws ``Refusal`` `sealed`; other faults are ``SealingFault``s.
package final class Keyring: Sendable {
    struct Unsealed {
        var current: MasterKey
        /// The new master key, while rotating.
        var next: MasterKey?
        let hold: KeyringHold

        var masters: [MasterKey] { [current] + (next.map { [$0] } ?? []) }
    }

    struct State {
        var unsealed: Unsealed?
        var recent: RecentKeys
    }

    let directory: String
    let entropy: any Entropy
    let state: Mutex<State>
    /// Held while a key's file is made, rewritten or removed; never together with a wait for anything but the disk.
    let writing = Mutex(())
    /// How many key files are rewritten between two waits for the disk.
    let batch: Int
    private let clock: any Clock

    /// `directory` is made with mode `0700` when the keyring is first unsealed; at most `cached` keys stay in memory.
    package init(directory: String, clock: any Clock, entropy: any Entropy, cached: Int = 1024, batch: Int = 128) {
        self.directory = directory
        self.clock = clock
        self.batch = max(1, batch)
        self.entropy = entropy
        state = Mutex(State(unsealed: nil, recent: RecentKeys(capacity: cached)))
    }

    package var isSealed: Bool { state.withLock { $0.unsealed == nil } }

    /// The version of the master key that locks the keyring now. Nil while sealed.
    package var masterVersion: Int? { state.withLock { $0.unsealed?.current.version } }

    /// Opens the keyring. An empty directory becomes a keyring of `master`; a rotation that was interrupted after the new key was
    /// accepted is finished when `master` is the new key.
    /// - Throws: ``SealingFault`` `.wrongMasterKey` and others; the keyring then stays sealed.
    package func unseal(with master: MasterKey) throws {
        let hold = try KeyringHold(directory)
        switch try manifest() {
        case nil:
            guard try owners().isEmpty else { throw SealingFault.manifestMissing(path: directory) }
            try write(.settled(.init(master)))
            open(with: master, next: nil, hold)
        case .settled(let only):
            guard only == .init(master) else { throw SealingFault.wrongMasterKey(wanted: only.label, offered: master.label) }
            open(with: master, next: nil, hold)
        case .rotating(let from, let to, let locked):
            if from == .init(master) {
                open(with: master, next: nil, hold)
            } else if to == .init(master) {
                let context = KeyringManifest.context(from: from, to: to)
                guard let secret = WrappedKey.open(locked, under: master, context: context),
                    let old = MasterKey(secret, version: from.version)
                else { throw SealingFault.manifestDamaged(path: directory) }
                open(with: old, next: master, hold)
                try finishing { try hold.alone { try rotate(from: old, to: master) { _ in } } }
            } else {
                throw SealingFault.wrongMasterKey(wanted: "\(from.label) or \(to.label)", offered: master.label)
            }
        case .retiring(let from, let to):
            guard to == .init(master) else { throw SealingFault.wrongMasterKey(wanted: to.label, offered: master.label) }
            open(with: master, next: nil, hold)
            try finishing { try hold.alone { try retire(from, to: master) { _ in } } }
        }
    }

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
        if let key = try state.withLock({ state in
            guard state.unsealed != nil else { throw Self.sealed }
            return state.recent.key(of: owner)
        }) {
            return key
        }
        // A rotation may change the masters between the two reads; then what was read is judged again.
        for _ in 0..<4 {
            let masters = try masters()
            guard let bytes = try KeyFile.read(path(of: owner)) else { throw SealingFault.keyMissing(owner: "\(owner)") }
            if let key = WrappedKey(bytes)?.key(of: owner, under: masters) {
                // Kept only if not sealed or destroyed meanwhile.
                state.withLock { state in
                    if state.unsealed != nil { state.recent.keep(key, of: owner) }
                }
                if !KeyFile.exists(path(of: owner)) { state.withLock { $0.recent.forget(owner) } }
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

    /// Makes a fresh key; it is on disk when this returns.
    /// - Throws: ``SealingFault`` `.keyExists`
    package func create(for owner: KeyOwner) throws {
        let key = Secret(entropy.bytes(32))
        try writing.withLock { _ in
            let masters = try masters()
            let wrapped = try WrappedKey(key, of: owner, under: masters, entropy: entropy)
            guard try KeyFile.create(path(of: owner), with: wrapped.bytes) else {
                throw SealingFault.keyExists(owner: "\(owner)")
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
        let removed = try writing.withLock { _ in try KeyFile.remove(path(of: owner)) }
        state.withLock { $0.recent.forget(owner) }
        guard removed else { throw SealingFault.keyMissing(owner: "\(owner)") }
    }

    package func contains(_ owner: KeyOwner) throws -> Bool {
        _ = try masters()
        return KeyFile.exists(path(of: owner))
    }

    /// Everybody who has a key, in no particular order. Works while sealed.
    package func owners() throws -> [KeyOwner] {
        try names().compactMap { name in
            if name == "control.key" { return .control }
            guard name.hasPrefix("environment-"), name.hasSuffix(".key") else { return nil }
            return EnvironmentID(name.dropFirst("environment-".count).dropLast(".key".count)).map(KeyOwner.environment)
        }
    }
}

extension Keyring {
    /// The directory's entries; none where there is no directory.
    func names() throws -> [String] {
        guard let open = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw KeyFile.fault("list", directory)
        }
        defer { closedir(open) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(open) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        // A list that broke off must not pass for a whole one: a rotation would leave keys behind.
        guard errno == 0 else { throw KeyFile.fault("list", directory) }
        return names
    }

    static var sealed: Refusal {
        Refusal(
            .unavailable(retryAfter: .seconds(30)), "sealed",
            "Holdfast is sealed: it has no master key, so nothing stored can be read. Its operator has to give it the key.")
    }

    func masters() throws -> [MasterKey] {
        guard let masters = state.withLock({ $0.unsealed?.masters }) else { throw Self.sealed }
        return masters
    }

    func path(of owner: KeyOwner) -> String {
        switch owner {
        case .control: directory + "/control.key"
        case .environment(let id): directory + "/environment-\(id).key"
        }
    }

    func manifest() throws -> KeyringManifest? {
        guard let bytes = try KeyFile.read(directory + "/keyring") else { return nil }
        guard let manifest = KeyringManifest(bytes) else { throw SealingFault.manifestDamaged(path: directory) }
        return manifest
    }

    func write(_ manifest: KeyringManifest) throws {
        try KeyFile.replace(directory + "/keyring", with: manifest.bytes)
    }

    private func open(with current: MasterKey, next: MasterKey?, _ hold: KeyringHold) {
        state.withLock { $0.unsealed = Unsealed(current: current, next: next, hold: hold) }
    }

    /// Stays sealed if what an earlier process left can't be finished.
    private func finishing(_ body: () throws -> Void) throws {
        do {
            try body()
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
