import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// All that a keyring holds at one moment, with the master key that locks it: enough to open every database. Never at rest but sealed.
///
/// ```text
/// holdfast-keys 1
/// note 9f2a…
/// master 1:0f3a…
/// keyring <hex>
/// key control <hex>
/// gone <environment> <slug> <microseconds>
/// ```
package struct KeyringCopy: Sendable {
    /// What it belongs to, in words of whoever seals it; part of what is sealed.
    package let note: String
    package let master: MasterKey
    let manifest: [UInt8]
    private(set) var keys: [(owner: KeyOwner, bytes: [UInt8])]
    private(set) var tombstones: [Tombstone]

    /// Leaves out whatever was destroyed for good since the copy was made.
    package mutating func drop(_ gone: [Tombstone]) {
        tombstones += gone.filter { !tombstones.contains($0) }
        let ids = Set(tombstones.map(\.environment))
        keys.removeAll { $0.owner.environment.map(ids.contains) ?? false }
    }

    package var owners: [KeyOwner] { keys.map(\.owner) }

    private static let heading = "holdfast-keys 1"

    init(
        note: String, master: MasterKey, manifest: [UInt8], keys: [(owner: KeyOwner, bytes: [UInt8])], tombstones: [Tombstone] = []
    ) {
        (self.note, self.master, self.manifest, self.keys, self.tombstones) = (note, master, manifest, keys, tombstones)
    }

    package var text: Secret {
        var bytes = Array("\(Self.heading)\nnote \(note)\nmaster \(master.version):".utf8)
        bytes += master.secret.withBytes { Hex.digits(Array($0)) }
        bytes += Array("\nkeyring ".utf8) + Hex.digits(manifest) + [10]
        for key in keys { bytes += Array("key \(key.owner) ".utf8) + Hex.digits(key.bytes) + [10] }
        for tombstone in tombstones { bytes += Array("gone \(tombstone.text)".utf8) }
        defer { bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        return Secret(bytes)
    }

    /// Nil for anything else.
    package init?(_ text: Secret) {
        let lines = text.withBytes { Array($0) }.split(separator: 10, omittingEmptySubsequences: false)
        guard lines.count > 4, Array(lines[0]) == Array(Self.heading.utf8), lines.last?.isEmpty == true else { return nil }
        func rest(_ index: Int, _ word: String) -> ArraySlice<UInt8>? {
            lines[index].starts(with: "\(word) ".utf8) ? lines[index].dropFirst(word.utf8.count + 1) : nil
        }
        guard let note = rest(1, "note"), let master = rest(2, "master"), let colon = master.firstIndex(of: UInt8(ascii: ":")),
            let version = Int(String(decoding: master[..<colon], as: UTF8.self)), let secret = Hex.bytes(master[(colon + 1)...]),
            let key = MasterKey(Secret(secret), version: version), let manifest = rest(3, "keyring").flatMap({ Hex.bytes($0) })
        else { return nil }
        var keys: [(owner: KeyOwner, bytes: [UInt8])] = []
        var tombstones: [Tombstone] = []
        for line in lines[4..<(lines.count - 1)] {
            if line.starts(with: "gone ".utf8), let tombstone = Tombstone(String(decoding: line.dropFirst(5), as: UTF8.self)) {
                tombstones.append(tombstone)
                continue
            }
            let words = line.split(separator: 32, omittingEmptySubsequences: false)
            guard words.count == 3, Array(words[0]) == Array("key".utf8), let owner = KeyOwner(String(decoding: words[1], as: UTF8.self)),
                let bytes = Hex.bytes(words[2])
            else { return nil }
            keys.append((owner, bytes))
        }
        self.init(note: String(decoding: note, as: UTF8.self), master: key, manifest: manifest, keys: keys, tombstones: tombstones)
    }

    /// Makes a keyring of it in a new directory, and the file with its master key where one is wanted; both durable on return.
    ///
    /// - Returns: Owners whose keys don't open.
    /// - Throws: ``SealingFault`` `.wrongMasterKey`, `.manifestDamaged`, `.masterKeyExists`, `.file`
    package func write(toKeyring directory: String, masterKey path: String?) throws -> [KeyOwner] {
        guard let found = KeyringManifest(manifest) else { throw SealingFault.manifestDamaged(path: "the copy of the keyring") }
        _ = try found.keys(from: [master], place: "the copy of the keyring")
        guard mkdir(directory, 0o700) == 0 else { throw KeyFile.fault("create", directory) }
        let shelf = KeyDirectory(place: directory)
        for start in stride(from: 0, to: keys.count, by: 256) { try shelf.replace(Array(keys[start..<min(start + 256, keys.count)])) }
        for tombstone in tombstones { try shelf.entomb(tombstone) }
        // Last: a directory without it is no keyring.
        try shelf.replaceManifest(nil, with: manifest)
        if let path {
            let line = Array("\(master.version):".utf8) + master.secret.withBytes { Hex.digits(Array($0)) } + [10]
            guard try KeyFile.create(path, with: line) else { throw SealingFault.masterKeyExists(path: path) }
        }
        return keys.filter { WrappedKey($0.bytes)?.key(of: $0.owner, under: [master]) == nil }.map(\.owner)
    }
}

extension Keyring {
    /// Everything, at one moment. May wait for the shelf.
    /// - Throws: ``Refusal`` `sealed`, `keyring-changing` while the master key is being rotated; ``SealingFault``.
    package func copy(note: String) throws -> KeyringCopy {
        try writing.withLock { _ in
            guard let unsealed = state.withLock({ $0.unsealed }) else { throw Self.sealed }
            guard case .settled = unsealed.manifest else { throw Self.changing }
            let keys = try shelf.owners().sorted { "\($0)" < "\($1)" }.compactMap { owner in
                try shelf.read(owner).map { (owner: owner, bytes: $0) }
            }
            return KeyringCopy(
                note: note, master: unsealed.current, manifest: unsealed.manifest.bytes, keys: keys, tombstones: try shelf.tombstones())
        }
    }
}
