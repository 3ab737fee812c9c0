import Foundation
import Glibc
import Storage

/// Where a database lies, and how its file comes and goes.
struct DatabaseFile: Sendable {
    let path: String
    private let directory: String

    init(_ name: DatabaseName, in directory: String) {
        path = "\(directory)/\(name).db"
        self.directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    private var scratch: String { path + ".new" }
    private var siblings: [String] { [path + "-wal", path + "-shm"] }

    var exists: Bool { access(path, F_OK) == 0 }

    /// The start of the file is random bytes where it is encrypted. An empty or plaintext file is never ours.
    func checkHeader() throws {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw errno == ENOENT ? StorageError.missing : SQLiteFailure.system(errno, "can't open \(path)") }
        defer { close(descriptor) }
        guard try Self.isEncrypted(descriptor) else { throw StorageError.unreadable }
    }

    private static func isEncrypted(_ descriptor: CInt) throws -> Bool {
        var header = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &header, 16)
        guard count >= 0 else { throw SQLiteFailure.system(errno, "can't read") }
        return count == 16 && header != Array("SQLite format 3\0".utf8)
    }

    /// Lets `build` write a new file, brings it to disk and publishes it under its name: whole or not at all.
    func create(_ build: (_ path: String) throws -> Void) throws {
        guard !exists else { throw StorageError.exists }
        try Self.makeDirectory(directory)
        for leftover in [scratch, scratch + "-wal", scratch + "-shm", scratch + "-journal"] { unlink(leftover) }
        defer { unlink(scratch) }
        try build(scratch)
        let descriptor = Glibc.open(scratch, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw SQLiteFailure.system(errno, "can't open \(scratch)") }
        defer { close(descriptor) }
        guard try Self.isEncrypted(descriptor) else { throw StorageError.unsafeEngine("a new database came out as plaintext") }
        guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else { throw SQLiteFailure.system(errno, "can't write \(scratch)") }
        // A log that outlived its database must not be taken for the new one's.
        for sibling in siblings { unlink(sibling) }
        // Unlike rename, link never replaces.
        guard link(scratch, path) == 0 else { throw SQLiteFailure.system(errno, "can't publish \(path)") }
        unlink(scratch)
        do {
            try Self.sync(directory)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// The file first: a log without its file is rubbish, a file without its log has lost commits.
    func remove() throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw SQLiteFailure.system(errno, "can't remove \(path)") }
        for sibling in siblings { unlink(sibling) }
        try Self.sync(directory)
    }

    /// Removes what an interrupted creation left. Only under the directory's lock.
    static func sweep(_ directory: String) throws {
        for folder in [directory, directory + "/environment"] {
            for entry in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where entry.contains(".db.new") {
                unlink("\(folder)/\(entry)")
            }
        }
    }

    static func makeDirectory(_ directory: String) throws {
        var status = stat()
        if stat(directory, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { throw StorageError.failed("\(directory) is not a directory") }
            return
        }
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw SQLiteFailure.system(errno, "can't make \(directory)") }
        if let parent = directory.lastIndex(of: "/"), parent > directory.startIndex { try sync(String(directory[..<parent])) }
    }

    private static func sync(_ directory: String) throws {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SQLiteFailure.system(errno, "can't open \(directory)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SQLiteFailure.system(errno, "can't write \(directory)") }
    }
}
