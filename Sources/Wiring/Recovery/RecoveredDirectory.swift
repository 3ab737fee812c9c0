import Foundation
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// A data directory that is being rebuilt. Until the last step it holds a file that says so: the server doesn't start on it, and another
/// recovery begins anew.
struct RecoveredDirectory: Sendable {
    /// What is only there while a recovery goes on, or was broken off.
    static let unfinished = "recovering"
    /// What the first start after it finds.
    static let finished = "recovered"

    let path: String

    var databases: String { path + "/databases" }
    var keyring: String { path + "/keyring" }
    var masterKey: String { path + "/master.key" }

    /// Takes an empty directory, makes one, or empties what a recovery left that was broken off.
    /// - Throws: ``RecoveryFault`` `.notEmpty`
    init(_ path: String) throws {
        self.path = path
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.failure("make", path) }
        // A fresh disk has a folder of its own.
        let names = try Set(FileManager.default.contentsOfDirectory(atPath: path)).subtracting(["lost+found"])
        if !names.isEmpty {
            let ours: Set<String> = [Self.unfinished, Self.finished, Self.finished + ".draft", "databases", "keyring", "master.key"]
            guard names.contains(Self.unfinished), names.isSubset(of: ours) else { throw NotEmpty(path: path) }
            for name in names where name != Self.unfinished { try FileManager.default.removeItem(atPath: path + "/" + name) }
        } else {
            try Self.write(
                "A recovery goes on here, or was broken off. Run it again; until it ends nothing here is complete.\n",
                to: path + "/" + Self.unfinished)
        }
        guard chmod(path, 0o700) == 0 else { throw Self.failure("protect", path) }
        for folder in [databases, databases + "/environment"] {
            guard mkdir(folder, 0o700) == 0 else { throw Self.failure("make", folder) }
        }
        try Self.sync(path)
    }

    struct NotEmpty: Error { let path: String }

    /// From here on the server may start.
    func finish(_ words: String) throws {
        let name = path + "/" + Self.finished
        try Self.write(words, to: name + ".draft")
        guard rename(name + ".draft", name) == 0 else { throw Self.failure("write", name) }
        for folder in [databases + "/environment", databases, path] { try Self.sync(folder) }
        guard unlink(path + "/" + Self.unfinished) == 0 else { throw Self.failure("finish", path) }
        try Self.sync(path)
    }

    private static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("write", path) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else { throw failure("write", path) }
    }

    private static func sync(_ directory: String) throws {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("write", directory) }
    }

    private static func failure(_ action: String, _ path: String) -> Refusal {
        Refusal(.invalid, "disk", "Could not \(action) \(path): \(String(cString: strerror(errno))).")
    }
}
