import Crypto
import Synchronization
import Threads
import Vocabulary

/// Objects as files on another machine, by SFTP (OpenSSH's version 3), through libssh.
///
/// An object is written under a name of its own in `.scratch`, synced where the server can be asked to, and renamed: version 3 refuses to rename
/// over a file that is there. Connections are kept and bounded; one that was lost is opened again, once.
package final class SFTPStore: ObjectStore {
    package struct Settings: Sendable {
        package var place: SFTPPlace
        /// A private key without a passphrase, as ssh-keygen makes them.
        package var keyFile: String
        /// As ssh has them: the server must be in there.
        package var knownHosts: String
        /// No answer for so long ends a connection.
        package var silence: Duration = .seconds(15)
        package var connections = 4
        package var waiting = 256

        package init(place: SFTPPlace, keyFile: String, knownHosts: String) {
            self.place = place
            self.keyFile = keyFile
            self.knownHosts = knownHosts
        }
    }

    static let scratchFolder = ".scratch"
    /// In bytes; bounds what one writer holds in memory.
    private static let writeBytes = 1 << 20
    private static let abandonedAfter = UInt64(24 * 3600)

    private let settings: Settings
    private let clock: any Clock
    private let entropy: any Entropy
    private let threads: BoundedThreads
    private let idle = Mutex<[SFTPConnection]>([])

    package init(_ settings: Settings, clock: any Clock = SystemClock(), entropy: any Entropy = SystemEntropy()) {
        self.settings = settings
        self.clock = clock
        self.entropy = entropy
        threads = BoundedThreads(settings.connections, waiting: settings.waiting)
    }

    // MARK: Writing

    @discardableResult
    package func put<Content: AsyncSequence & Sendable>(_ content: Content, at key: ObjectKey, ifAbsent: Bool) async throws -> StoredObject
    where Content.Element == [UInt8] {
        let (target, root) = (path(key), settings.place.path)
        let scratch = "\(root)/\(Self.scratchFolder)/\(entropy.bytes(12).map { String($0, radix: 16) }.joined())"
        if ifAbsent, try await exists(key) { throw ObjectFault.exists }
        var gathering = Gathering(content)
        var piece = try await gathering.next(Self.writeBytes)
        var hash = SHA256()
        var size: UInt64 = 0
        let folder = String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)])
        // The connection that it was begun on writes all of it.
        let (connection, writing) = try await onConnection { connection in
            try connection.makeFolder("\(root)/\(Self.scratchFolder)", below: root)
            return (connection, try SFTPConnection.Writing(scratch, on: connection))
        } keeping: {
            false
        }
        do {
            repeat {
                hash.update(data: piece)
                size += UInt64(piece.count)
                let bytes = piece
                try await onThread { try writing.add(bytes) }
                piece = bytes.count < Self.writeBytes ? [] : try await gathering.next(Self.writeBytes)
            } while !piece.isEmpty
            try await onThread {
                try writing.close()
                try connection.makeFolder(folder, below: root)
                if !ifAbsent { do { try connection.remove(target) } catch ObjectFault.missing {} }
                do {
                    try connection.rename(scratch, to: target)
                } catch ObjectFault.unavailable {
                    // Version 3 has no word for a name that is taken.
                    guard (try? connection.status(target)) != nil else {
                        throw ObjectFault.unavailable(reason: "the server can't rename a file")
                    }
                    throw ObjectFault.exists
                }
            }
        } catch {
            try? await onThread { try connection.remove(scratch) }
            if !(error is SFTPConnection.Lost) { give(back: connection) }
            throw Self.fault(error)
        }
        give(back: connection)
        return StoredObject(key: key, size: size, digest: ContentDigest(hash.finalize()))
    }

    package func delete(_ key: ObjectKey) async throws {
        let path = path(key)
        try await onConnection { connection in
            do { try connection.remove(path) } catch ObjectFault.missing {}
        }
    }

    @discardableResult
    package func sweep() async throws -> Int {
        let folder = "\(settings.place.path)/\(Self.scratchFolder)"
        let before = UInt64(max(0, clock.now().microseconds / 1_000_000)) - Self.abandonedAfter
        return try await onConnection { connection in
            let items: [SFTPConnection.Item]
            do { items = try connection.items(in: folder) } catch ObjectFault.missing { return 0 }
            let left = items.filter { !$0.status.isFolder && $0.status.modified < before }
            for item in left { try connection.remove("\(folder)/\(item.name)") }
            return left.count
        }
    }

    // MARK: Reading

    package func summary(of key: ObjectKey) async throws -> ObjectSummary {
        let path = path(key)
        let status = try await onConnection { try $0.status(path) }
        guard !status.isFolder else { throw ObjectFault.missing }
        return ObjectSummary(key: key, size: status.size)
    }

    package func piece(of key: ObjectKey, from offset: UInt64, count: Int, version: ObjectVersion?) async throws -> ObjectPiece {
        let path = path(key)
        let (bytes, status): ([UInt8], SFTPConnection.Status)
        do {
            (bytes, status) = try await onConnection { try $0.read(path, from: offset, count: max(1, count)) }
        } catch ObjectFault.missing where version != nil {
            throw ObjectFault.changed
        }
        let found = ObjectVersion(text: "\(status.size)-\(status.modified)")
        if let version, version != found { throw ObjectFault.changed }
        return ObjectPiece(bytes: bytes, size: status.size, version: found)
    }

    package func list(_ prefix: String, after marker: String?, limit: Int) async throws -> ObjectPage {
        let (root, limit) = (settings.place.path, min(max(1, limit), 1000))
        return try await onConnection { connection in
            var walk = SFTPListing(connection: connection, root: root, prefix: prefix, after: marker, limit: limit)
            return try walk.page()
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

    private func path(_ key: ObjectKey) -> String { "\(settings.place.path)/\(key)" }

    // MARK: Connections

    private func give(back connection: SFTPConnection) {
        idle.withLock { if $0.count < settings.connections { $0.append(connection) } }
    }

    /// - Parameter keeping: whether the connection is given back when the work is done.
    private func onConnection<T: Sendable>(
        _ work: @escaping @Sendable (SFTPConnection) throws -> T, keeping: @escaping @Sendable () -> Bool = { true }
    ) async throws -> T {
        try await onThread { [self] in
            // A connection that rested may have been ended by the other side.
            if let rested = idle.withLock({ $0.popLast() }) {
                do { return try run(work, on: rested, keeping()) } catch is SFTPConnection.Lost {
                    idle.withLock { $0 = [] }
                }
            }
            return try run(work, on: try SFTPConnection(settings), keeping())
        }
    }

    private func run<T>(_ work: (SFTPConnection) throws -> T, on connection: SFTPConnection, _ isKept: Bool) throws -> T {
        do {
            let result = try work(connection)
            if isKept { give(back: connection) }
            return result
        } catch {
            if !(error is SFTPConnection.Lost) { give(back: connection) }
            throw error
        }
    }

    private func onThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        do { return try await threads.run(work) } catch { throw Self.fault(error) }
    }

    private static func fault(_ error: any Error) -> any Error {
        switch error {
        case is BoundedThreads.Crowded: ObjectFault.overloaded
        case let lost as SFTPConnection.Lost: ObjectFault.unavailable(reason: lost.reason)
        default: error
        }
    }
}
