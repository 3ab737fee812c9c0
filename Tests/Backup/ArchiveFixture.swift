import Backup
import Foundation
import ObjectStores
import TestSupport
import Vocabulary

/// An archive in a directory, with entries of made-up frames.
final class ArchiveFixture {
    static let pageSize = 512

    let home: TemporaryDirectory
    let store: FileSystemStore
    let archive: Archive
    let opening: Opening
    private(set) var position: ArchivePosition
    private(set) var frames: [[UInt8]] = []
    private var frame: UInt32 = 1
    private let entropy: SeededEntropy

    init(
        database: String = "environment/one", generation: UInt32 = 1, seed: UInt64 = 1, hasBase: Bool = true,
        in home: TemporaryDirectory? = nil
    ) async throws {
        self.home = try home ?? TemporaryDirectory()
        store = try await FileSystemStore(directory: self.home.path + "/objects")
        archive = try Archive(store, database: database)
        entropy = SeededEntropy(seed: seed)
        opening = Opening(
            database: database, generation: generation, pageSize: Self.pageSize, openedAt: Instant(seconds: 1000), reason: .first,
            entropy: entropy)
        position = opening.start
        try await archive.open(opening)
        if hasBase { _ = try await base([1, 2, 3]) }
    }

    func path(_ rest: String) -> String { "\(home.path)/objects/backup/\(rest)" }

    func path(segment first: Int, generation: Int = 1, database: String = "environment/one") -> String {
        let digits = String(first, radix: 16)
        return path("\(database)/g0000000\(generation)/segments/" + String(repeating: "0", count: 16 - digits.count) + digits)
    }

    /// Makes a segment of commits with so many pages each.
    func segment(_ commits: [Int]) throws -> (bytes: [UInt8], newest: ArchivePosition) {
        var drafts: [Segment.Draft] = []
        for (index, count) in commits.enumerated() {
            let time = Instant(seconds: 1001 + Int64(position.ordinal) + Int64(index))
            drafts.append(Segment.Draft(time: time, frameCount: count, firstFrame: frame, endsCommit: true))
            frame += UInt32(count)
        }
        return try Segment.bytes(drafts, pageSize: Self.pageSize, logStart: 1, after: position) { draft, buffer in
            var made: [UInt8] = []
            for index in 0..<draft.frameCount {
                let header: [UInt8] = [0, 0, 0, UInt8(index + 1), 0, 0, 0, index == draft.frameCount - 1 ? 9 : 0]
                made += header
                made += entropy.bytes(16 + Self.pageSize)
            }
            frames.append(made)
            buffer.copyBytes(from: made)
        }
    }

    /// Ships a segment of commits with so many pages each.
    func ship(_ commits: Int...) async throws {
        let (bytes, newest) = try segment(commits)
        try await archive.append(bytes, after: position)
        position = newest
    }

    func base(_ bytes: [UInt8], first: UInt64 = 0, usable: UInt64 = 0) async throws -> Base {
        try await archive.putBase(
            Pieces([bytes]), generation: opening.generation, first: first, begunAt: Instant(seconds: 1000 + Int64(bytes.count))
        ) {
            (usable, Instant(seconds: 1001))
        }
    }

    func findings(expecting known: [ArchivePosition] = []) async throws -> [ArchiveFault] {
        try await archive.verify(expecting: known).findings.map(\.fault)
    }
}

/// Bytes in pieces, as a file is read.
struct Pieces: AsyncSequence, Sendable {
    private let pieces: [[UInt8]]

    init(_ pieces: [[UInt8]]) { self.pieces = pieces }

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<[UInt8]>
        mutating func next() async -> [UInt8]? { rest.popFirst() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: pieces[...]) }
}

func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

func put(_ bytes: [UInt8], at path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
