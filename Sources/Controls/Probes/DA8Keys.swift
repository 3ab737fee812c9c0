import Crypto
import Foundation
import Sealing
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

extension Control {
    static let keys = automated(
        "DA-8", "A key for each environment, locked by a master key", "MYC",
        "Each environment's key is locked with a master key that lies apart; customers may bring their own, and without it the server starts sealed.",
        EnvironmentKeys())
}

/// Opens every key there ought to be, finds none there ought not to be, and looks at the keyring's own files.
struct EnvironmentKeys: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        let places = try await platform.places()
        let expected = Set([KeyOwner.control] + places.map { .environment($0.id) } + places.map(\.databaseKey))
        // A move is making or removing one.
        let passing = Set(places.flatMap { place in place.otherCopies.map { KeyOwner.database(place.id, copy: $0) } })
        let present = Set(
            try platform.keyring.owners().filter { owner in
                switch owner {
                case .control: true
                case .environment(let id), .database(let id, _): !ScratchEnvironment.isScratch(id) && !passing.contains(owner)
                }
            })
        for owner in expected.subtracting(present) { findings.expect(false, "\(owner) has no key") }
        for owner in present.subtracting(expected) { findings.expect(false, "there is a key for \(owner), which does not exist") }
        var opened: Set<SHA256Digest> = []
        for owner in expected.intersection(present) {
            guard let key = try? platform.keyring.key(for: owner) else {
                findings.expect(false, "the key of \(owner) can't be unlocked")
                continue
            }
            findings.expect(opened.insert(key.withBytes { SHA256.hash(data: $0) }).inserted, "\(owner) has another owner's key")
        }
        findings.count("keys", opened.count)

        let directories = platform.directories
        if let keyring = directories.keyring, let databases = directories.databases {
            findings.expect(!Self.isWithin(keyring, databases), "the keyring lies among the databases")
            findings.expect(!Self.isWithin(databases, keyring), "the databases lie inside the keyring")
        }
        findings.facts["keyring"] = directories.keyring == nil ? "a database of its own" : "files"
        var contents: Set<SHA256Digest> = []
        let files = FileSearch.files(below: directories.keyring.map { [$0] } ?? [])
        for path in files {
            var facts = stat()
            guard lstat(path, &facts) == 0, let content = FileManager.default.contents(atPath: path), !content.isEmpty else { continue }
            findings.expect(facts.st_mode & 0o077 == 0, "\(URL(filePath: path).lastPathComponent) can be read by others on the machine")
            findings.expect(contents.insert(SHA256.hash(data: content)).inserted, "two files of the keyring are alike")
        }
        findings.count("files", files.count)
        // Without the master key elsewhere, the lock and its key are stolen together.
        let beside = FileSearch.files(below: directories.written).contains { URL(filePath: $0).lastPathComponent == "master.key" }
        let isDevelopment = platform.apex == "localhost" || platform.apex.hasSuffix(".localhost")
        findings.facts["master_key"] = beside ? "beside the data" : "elsewhere"
        findings.expect(!beside || isDevelopment, "the master key lies beside the data")
        if beside, isDevelopment {
            return findings.evidence(
                "\(opened.count) keys, all different, all unlocked by the master key. A development installation: that one lies beside the data."
            )
        }
        return findings.evidence("\(opened.count) keys, all different, all unlocked by the master key, lie apart from the databases.")
    }

    private static func isWithin(_ path: String, _ directory: String) -> Bool {
        let path = URL(filePath: path).standardizedFileURL.pathComponents
        return path.starts(with: URL(filePath: directory).standardizedFileURL.pathComponents)
    }
}
