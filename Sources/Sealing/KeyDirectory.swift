import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// A shelf of files: `keyring` (``KeyringManifest``), `control.key`, `environment-<id>.key` and `database-<id>-<copy>.key` (``WrappedKey``).
struct KeyDirectory: KeyShelf {
    let place: String

    var isShared: Bool { false }
    var isCurrent: Bool { true }
    func refresh(for owner: KeyOwner?) async {}

    func hold() throws -> any KeyHold { try KeyringHold(place) }

    func manifest() throws -> [UInt8]? { try KeyFile.read(place + "/keyring") }

    /// Whoever writes here is alone, by the hold on the directory.
    func replaceManifest(_ old: [UInt8]?, with new: [UInt8]) throws { try KeyFile.replace(place + "/keyring", with: new) }

    func owners() throws -> [KeyOwner] {
        try names().compactMap { name in
            if name == "control.key" { return .control }
            guard name.hasSuffix(".key") else { return nil }
            let words = name.dropLast(".key".count)
            if words.hasPrefix("environment-") { return EnvironmentID(words.dropFirst("environment-".count)).map(KeyOwner.environment) }
            guard words.hasPrefix("database-"), let dash = words.lastIndex(of: "-") else { return nil }
            return KeyOwner("database/\(words[..<dash].dropFirst("database-".count))/\(words[dash...].dropFirst())")
        }
    }

    func contains(_ owner: KeyOwner) -> Bool { KeyFile.exists(path(of: owner)) }

    func read(_ owner: KeyOwner) throws -> [UInt8]? { try KeyFile.read(path(of: owner)) }

    func create(_ owner: KeyOwner, with bytes: [UInt8], under manifest: [UInt8]) throws -> Bool {
        try KeyFile.create(path(of: owner), with: bytes)
    }

    func replace(_ keys: [(owner: KeyOwner, bytes: [UInt8])]) throws {
        try KeyFile.replaceAll(keys.map { (path: path(of: $0.owner), bytes: $0.bytes) }, in: place)
    }

    func remove(_ owner: KeyOwner) throws -> Bool { try KeyFile.remove(path(of: owner)) }

    func sweep() {
        for name in (try? names()) ?? [] where name.hasSuffix(".draft") { _ = try? KeyFile.remove(place + "/" + name) }
    }

    /// The directory's entries; none where there is no directory.
    func names() throws -> [String] {
        guard let open = opendir(place) else {
            if errno == ENOENT { return [] }
            throw KeyFile.fault("list", place)
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
        guard errno == 0 else { throw KeyFile.fault("list", place) }
        return names
    }

    private func path(of owner: KeyOwner) -> String {
        switch owner {
        case .control: place + "/control.key"
        case .environment(let id): place + "/environment-\(id).key"
        case .database(let id, let copy): place + "/database-\(id)-\(copy).key"
        }
    }
}
