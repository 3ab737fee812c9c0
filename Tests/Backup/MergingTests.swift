import Foundation
import ObjectStores
import Storage
import TestSupport
import Testing
import Threads
import Vocabulary

@testable import Backup

/// Few objects instead of many, with the same entries and the same chain.
@Suite(.timeLimit(.minutes(2))) struct MergingTests {
    private static let policy = {
        var policy = Archive.MergePolicy()
        (policy.reserve, policy.plainAtLeast, policy.mergedAtLeast) = (2, 3, 2)
        return policy
    }()
    private static let retention = Retention(window: .days(3650), weeks: 0, months: 0)

    /// Twelve segments of two commits.
    private static func fixture() async throws -> ArchiveFixture {
        let fixture = try await ArchiveFixture()
        for _ in 0..<12 { try await fixture.ship(1, 2) }
        return fixture
    }

    private static func entries(_ archive: Archive) async throws -> [ChainHash] {
        var hashes: [ChainHash] = []
        let newest = try #require(try await archive.catalogue().newest)
        try await archive.entries(of: newest) { entry in
            hashes.append(entry.hash)
            return true
        }
        return hashes
    }

    private static func objects(_ fixture: ArchiveFixture) async throws -> Int {
        try await fixture.store.all("backup/environment/one/g").count
    }

    @Test func `the chain stays, and the originals go a round later`() async throws {
        let fixture = try await Self.fixture()
        let before = try await Self.entries(fixture.archive)
        let objects = try await Self.objects(fixture)
        #expect(before.count == 24)
        #expect(try await fixture.archive.merge(Self.policy) == .init(from: 10, to: 1))
        // Whoever reads the old ones can go on.
        #expect(try await Self.objects(fixture) == objects + 1)
        #expect(try await Self.entries(fixture.archive) == before)
        #expect(try await fixture.findings() == [])
        #expect(try await fixture.archive.prune(Self.retention, at: Instant(seconds: 2000)).deleted == 10)
        #expect(try await Self.objects(fixture) == objects - 9)
        #expect(try await Self.entries(fixture.archive) == before)
        #expect(try await fixture.findings(expecting: [fixture.position]) == [])
        // And once more, into larger ones.
        for _ in 0..<6 { try await fixture.ship(1) }
        try await fixture.archive.merge(Self.policy)
        _ = try await fixture.archive.prune(Self.retention, at: Instant(seconds: 2000))
        #expect(try await fixture.archive.merge(Self.policy).to == 1)
        _ = try await fixture.archive.prune(Self.retention, at: Instant(seconds: 2000))
        let segments = try #require(try await fixture.archive.catalogue().newest).segments
        #expect(segments.count == 3)
        #expect(try await Self.entries(fixture.archive).count == 30)
        #expect(try await fixture.findings(expecting: [fixture.position]) == [])
        #expect(try await fixture.archive.tail()?.position == fixture.position)
    }

    @Test func `a merged segment that the store lost a part of gives its place back to the originals`() async throws {
        let fixture = try await Self.fixture()
        let before = try await Self.entries(fixture.archive)
        try await fixture.archive.merge(Self.policy)
        let merged = try #require(try await fixture.archive.catalogue().newest?.segments.first)
        let path = "\(fixture.home.path)/objects/\(merged.key)"
        try put(Array(try bytes(of: path).dropLast(100)), at: path)
        #expect(try await fixture.archive.prune(Self.retention, at: Instant(seconds: 2000)).deleted == 1)
        #expect(try await Self.entries(fixture.archive) == before)
        #expect(try await fixture.findings() == [])
    }

    @Test func `what is missing between two is found, not merged over`() async throws {
        let fixture = try await Self.fixture()
        try FileManager.default.removeItem(atPath: fixture.path(segment: 7))
        #expect(try await fixture.archive.merge(Self.policy) == .init(from: 9, to: 2, missing: 7...8))
        #expect(try await fixture.findings() == [.gap(generation: 1, after: 6, before: 9)])
    }

    @Test func `a merge that was broken off before the originals went, or while they went, is sound`() async throws {
        let fixture = try await Self.fixture()
        let before = try await Self.entries(fixture.archive)
        try await fixture.archive.merge(Self.policy)
        for first in [3, 1, 11] {
            try FileManager.default.removeItem(atPath: fixture.path(segment: first))
            #expect(try await Self.entries(fixture.archive) == before)
            #expect(try await fixture.findings() == [])
        }
        #expect(try await fixture.archive.merge(Self.policy) == .init())
    }

    @Test func `runs are of one kind, neither too few nor too large`() throws {
        let key = try #require(ObjectKey("segment"))
        func plain(_ first: UInt64, _ size: UInt64) -> SegmentObject { SegmentObject(key: key, first: first, size: size) }
        var policy = Self.policy
        (policy.smallBytes, policy.mostBytes) = (100, 250)
        let merged = SegmentObject(key: key, first: 5, last: 9, size: 10)
        #expect(Archive.runs([plain(1, 10), plain(2, 10)], policy).isEmpty)
        #expect(Archive.runs([plain(1, 10), plain(2, 10), plain(3, 10)], policy).map(\.count) == [3])
        #expect(Archive.runs([plain(1, 10), plain(2, 10), merged, plain(10, 10)], policy).isEmpty)
        #expect(Archive.runs([plain(1, 10), plain(2, 100), plain(3, 10), plain(4, 10), plain(5, 10)], policy).map(\.count) == [3])
        #expect(Archive.runs((1...9).map { plain($0, 80) }[...], policy).map(\.count) == [3, 3, 3])
    }

    @Test func `a server's day of commits becomes a handful of objects and restores to each of them`() async throws {
        let server = try await ShippedEngine { settings, _ in settings.merging = Self.policy }
        try await server.settled()
        for round in 0..<6 {
            try await server.add(round * 20 + 1...round * 20 + 20)
            try await server.caughtUp()
            try await server.shipping.keepUp(ShippedEngine.name, Self.retention)
        }
        let newest = try #require(try await server.archive.catalogue().newest)
        #expect(newest.segments.count < 60)
        for ordinal in stride(from: 1, through: 120, by: 17) {
            #expect(try await server.restore(.commit(generation: 1, ordinal: UInt64(ordinal))) == Array(1...ordinal))
        }
        await server.stop()
        try await server.startAgain()
        try await server.add(121...125)
        try await server.caughtUp()
        #expect(try await server.restore() == Array(1...125))
        #expect(try await server.generations == [.first])
        await server.stop()
    }
}
