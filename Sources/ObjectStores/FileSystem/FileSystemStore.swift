import Crypto
import Synchronization
import Threads
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// Objects as files below one directory, for its owner alone (0700, files 0600).
///
/// An object is written to a file of its own in `.scratch`, synced, and then named by `link` or `rename`, so a name never leads to half an
/// object. Reading opens the file for one piece at a time and writers are counted, so descriptors are bounded whatever readers do.
package final class FileSystemStore: ObjectStore {
    static let scratchFolder = ".scratch"
    /// In bytes; bounds what one writer holds in memory.
    static let writeBytes = 1 << 20

    private let root: String
    private let entropy: any Entropy
    private let threads: BoundedThreads
    private let writers = Mutex(0)
    private let writersAtMost: Int

    /// Makes the directory where it is missing (its parent must be there) and sweeps it.
    ///
    /// - Parameters:
    ///   - writers: how many objects may be written at once; each holds one descriptor.
    /// - Throws: ``ObjectFault``
    package init(
        directory: String, entropy: any Entropy = SystemEntropy(), threads: Int = 4, waiting: Int = 1024, writers: Int = 64
    ) async throws {
        root = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        self.entropy = entropy
        self.threads = BoundedThreads(threads, waiting: waiting)
        writersAtMost = max(1, writers)
        try await onThread { [root] in
            for path in [root, "\(root)/\(Self.scratchFolder)"] {
                guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileFault.of(errno) }
            }
            try FileFault.sync(directory: root)
        }
        try await sweep()
    }

    // MARK: Writing

    @discardableResult
    package func put<Content: AsyncSequence & Sendable>(_ content: Content, at key: ObjectKey, ifAbsent: Bool) async throws -> StoredObject
    where Content.Element == [UInt8] {
        let isAdmitted = writers.withLock { count in
            guard count < writersAtMost else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { throw ObjectFault.overloaded }
        defer { writers.withLock { $0 -= 1 } }
        if ifAbsent, try await exists(key) { throw ObjectFault.exists }

        let name = entropy.bytes(12).map { String($0, radix: 16) }.joined()
        let path = "\(root)/\(Self.scratchFolder)/\(name)"
        var gathering = Gathering(content)
        var piece = try await gathering.next(Self.writeBytes)
        var hash = SHA256()
        var size: UInt64 = 0
        var open: ScratchFile?
        repeat {
            hash.update(data: piece)
            size += UInt64(piece.count)
            let (bytes, before) = (piece, open)
            open = try await onThread {
                let file = try before ?? ScratchFile(path)
                try file.write(bytes)
                return file
            }
            piece = bytes.count < Self.writeBytes ? [] : try await gathering.next(Self.writeBytes)
        } while !piece.isEmpty
        guard let file = open else { throw ObjectFault.unavailable(reason: "nothing was written") }
        try await onThread { [root] in try file.publish(as: key, below: root, ifAbsent: ifAbsent) }
        return StoredObject(key: key, size: size, digest: ContentDigest(hash.finalize()))
    }

    package func delete(_ key: ObjectKey) async throws {
        let (path, root) = (path(key), root)
        try await onThread {
            guard unlink(path) == 0 else {
                guard [ENOENT, ENOTDIR, EISDIR].contains(errno) else { throw FileFault.of(errno) }
                return try FileFault.expectPlace(root)
            }
            try FileFault.sync(directory: String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)))
        }
    }

    @discardableResult
    package func sweep() async throws -> Int {
        let folder = "\(root)/\(Self.scratchFolder)"
        return try await onThread { try ScratchFile.sweep(folder) }
    }

    // MARK: Reading

    package func summary(of key: ObjectKey) async throws -> ObjectSummary {
        let (path, root) = (path(key), root)
        return try await onThread { ObjectSummary(key: key, size: try StoredFile.status(path, below: root).size) }
    }

    package func piece(of key: ObjectKey, from offset: UInt64, count: Int, version: ObjectVersion?) async throws -> ObjectPiece {
        let (path, root) = (path(key), root)
        return try await onThread { try StoredFile.piece(path, below: root, from: offset, count: count, version: version) }
    }

    package func list(_ prefix: String, after marker: String?, limit: Int) async throws -> ObjectPage {
        let root = root
        return try await onThread {
            var listing = FileListing(root: root, prefix: prefix, after: marker, limit: min(max(1, limit), 1000))
            return try listing.page()
        }
    }

    private func exists(_ key: ObjectKey) async throws -> Bool {
        do {
            _ = try await summary(of: key)
            return true
        } catch ObjectFault.missing {
            return false
        }
    }

    private func path(_ key: ObjectKey) -> String { "\(root)/\(key)" }

    private func onThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        do {
            return try await threads.run(work)
        } catch is BoundedThreads.Crowded {
            throw ObjectFault.overloaded
        }
    }
}
