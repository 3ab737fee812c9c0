import Foundation
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import ObjectStores

/// The stores that the contract is tested with.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible {
    case directory
    case s3
    case sftp

    var testDescription: String { rawValue }
    static var here: [StoreKind] {
        [.directory] + (ObjectServer.isInstalled ? [.s3] : []) + (SSHServer.isInstalled ? [.sftp] : [])
    }

    func store(in home: TemporaryDirectory) async throws -> any ObjectStore {
        switch self {
        case .directory: try await FileSystemStore(directory: home.path + "/objects")
        case .s3: S3Store(try await Servers.shared.settings())
        case .sftp: SFTPStore(try await Servers.shared.sftpSettings())
        }
    }
}

/// One server for all tests of this process: it takes some seconds to start.
actor Servers {
    static let shared = Servers()
    private var starting: Task<ObjectServer, any Error>?
    private var startingSSH: Task<SSHServer, any Error>?

    func sshServer() async throws -> SSHServer {
        let task = startingSSH ?? Task { try await SSHServer() }
        startingSSH = task
        return try await task.value
    }

    /// A directory that no other test uses.
    func sftpSettings() async throws -> SFTPStore.Settings {
        let server = try await sshServer()
        let place = try SFTPPlace(try server.address("t-\(UUID().uuidString.prefix(8))"))
        return SFTPStore.Settings(place: place, keyFile: server.keyFile, knownHosts: server.knownHosts)
    }

    func server() async throws -> ObjectServer {
        let task = starting ?? Task { try await ObjectServer() }
        starting = task
        return try await task.value
    }

    /// A part of the bucket that no other test uses. Parts are small, so that large objects are.
    func settings() async throws -> S3Store.Settings { try Self.settings(try await server()) }

    static func settings(_ server: ObjectServer, scheme: String = "http", bucket: String = "holdfast") throws -> S3Store.Settings {
        let place = try S3Place(server.address(bucket: bucket, prefix: "t-\(UUID().uuidString.prefix(8))", scheme: scheme))
        var settings = S3Store.Settings(place: place, accessKey: server.accessKey, secretKey: Secret(server.secretKey))
        settings.pause = .milliseconds(2)
        settings.partBytes = 5 << 20
        return settings
    }
}

func key(_ text: String) throws -> ObjectKey {
    guard let key = ObjectKey(text) else { throw NoKey(text: text) }
    return key
}

struct NoKey: Error { let text: String }

/// Chunks made one at a time, and how many were asked for.
struct Chunks: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    struct Broken: Error, Equatable {}

    let count: Int
    let size: Int
    var breaksAt: Int?
    let made = Made()

    final class Made: Sendable {
        let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let chunks: Chunks
        var index = 0

        mutating func next() async throws -> [UInt8]? {
            if index == chunks.breaksAt { throw Broken() }
            guard index < chunks.count else { return nil }
            defer { index += 1 }
            chunks.made.number.withLock { $0 += 1 }
            return Chunks.chunk(index, chunks.size)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunks: self) }

    static func chunk(_ index: Int, _ size: Int) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) } }
    var whole: [UInt8] { (0..<count).flatMap { Self.chunk($0, size) } }
}

/// The fault that `work` throws, nil where it throws none.
func fault(_ work: () async throws -> Void) async throws -> ObjectFault? {
    do {
        try await work()
        return nil
    } catch let fault as ObjectFault {
        return fault
    }
}
