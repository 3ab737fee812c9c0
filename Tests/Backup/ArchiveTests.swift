import Backup
import Foundation
import ObjectStores
import TestSupport
import Testing
import Vocabulary

/// `ship.*`, the archive's part: what was written comes back, and nothing else passes for it.
@Suite struct ArchiveTests {
    @Test func `entries come back as they were, from any of them on`() async throws {
        let fixture = try await ArchiveFixture()
        try await fixture.ship(3, 1)
        try await fixture.ship(2)
        try await fixture.ship(1, 1, 4)
        let generation = try #require(try await fixture.archive.catalogue().newest)
        for start in UInt64(1)...6 {
            var found: [[UInt8]] = []
            let end = try await fixture.archive.entries(of: generation, from: start) {
                found.append(Array($0.frames))
                return true
            }
            #expect(found == Array(fixture.frames[(Int(start) - 1)...]))
            #expect(end == fixture.position)
        }
        #expect(try await fixture.findings(expecting: [fixture.position]) == [])
    }

    @Test func `an entry says which commit it is`() async throws {
        let fixture = try await ArchiveFixture()
        try await fixture.ship(3)
        try await fixture.ship(2)
        let generation = try #require(try await fixture.archive.catalogue().newest)
        try await fixture.archive.entries(of: generation, from: 2) { entry in
            #expect(entry.ordinal == 2)
            #expect(entry.time == Instant(seconds: 1002))
            #expect((entry.firstFrame, entry.lastFrame) == (4, 5))
            #expect((entry.pagesAfter, entry.endsCommit) == (9, true))
            var pages: [UInt32] = []
            entry.eachPage { number, page in
                pages.append(number)
                #expect(page.count == ArchiveFixture.pageSize)
            }
            #expect(pages == [1, 2])
            return true
        }
    }

    @Test func `every byte of a segment counts`() async throws {
        let fixture = try await ArchiveFixture()
        try await fixture.ship(1)
        try await fixture.ship(1, 1)
        let path = fixture.path(segment: 2)
        let whole = try bytes(of: path)
        for offset in Array(0..<200) + Array(stride(from: 200, to: whole.count, by: 37)) + [whole.count - 1] {
            var changed = whole
            changed[offset] ^= 1
            try put(changed, at: path)
            #expect(try await !fixture.archive.verify().isSound, "byte \(offset)")
        }
        try put(whole, at: path)
        #expect(try await fixture.findings() == [])
    }

    @Test func `a segment that was cut is torn, and a longer one altered`() async throws {
        let fixture = try await ArchiveFixture()
        try await fixture.ship(1)
        let path = fixture.path(segment: 1)
        let whole = try bytes(of: path)
        for count in [0, 1, 127, 128, 129, 300, whole.count - 1] {
            try put(Array(whole.prefix(count)), at: path)
            let findings = try await fixture.findings()
            guard case .torn? = findings.first else {
                Issue.record("\(count) bytes: \(findings)")
                continue
            }
        }
        try put(whole + [0], at: path)
        guard case .altered? = try await fixture.findings().first else { return #expect(Bool(false)) }
    }

    @Test func `a segment that is missing leaves a gap that is named`() async throws {
        let fixture = try await ArchiveFixture()
        try await fixture.ship(1)
        try await fixture.ship(1, 1)
        try await fixture.ship(1)
        try FileManager.default.removeItem(atPath: fixture.path(segment: 2))
        #expect(try await fixture.findings() == [.gap(generation: 1, after: 1, before: 4)])
        let generation = try #require(try await fixture.archive.catalogue().newest)
        await #expect(throws: ArchiveFault.gap(generation: 1, after: 1, before: 4)) {
            try await fixture.archive.entries(of: generation) { _ in true }
        }
    }

    @Test func `segments that changed places are misplaced`() async throws {
        let fixture = try await ArchiveFixture()
        try await fixture.ship(1)
        try await fixture.ship(1)
        try await fixture.ship(1)
        let (second, third) = (fixture.path(segment: 2), fixture.path(segment: 3))
        let (one, other) = (try bytes(of: second), try bytes(of: third))
        try put(other, at: second)
        try put(one, at: third)
        let findings = try await fixture.findings()
        #expect(findings.count == 2)
        for finding in findings { if case .misplaced = finding {} else { Issue.record("\(finding)") } }
    }

    @Test(arguments: [("environment/two", 1), ("environment/one", 2)]) func `a segment of another database or generation is misplaced`(
        database: String, generation: Int
    ) async throws {
        let fixture = try await ArchiveFixture()
        try await fixture.ship(1)
        try await fixture.ship(1)
        let other = try await ArchiveFixture(database: database, generation: UInt32(generation), seed: 2, in: fixture.home)
        try await other.ship(1)
        try await other.ship(1)
        try put(try bytes(of: other.path(segment: 2, generation: generation, database: database)), at: fixture.path(segment: 2))
        guard case .misplaced? = try await fixture.findings().first else { return #expect(Bool(false)) }
    }

    @Test func `an old copy of an archive is stale to whoever knows how far it went`() async throws {
        let fixture = try await ArchiveFixture()
        try await fixture.ship(1)
        let before = fixture.position
        try await fixture.ship(1, 1)
        try FileManager.default.removeItem(atPath: fixture.path(segment: 2))
        #expect(try await fixture.findings() == [])
        #expect(try await fixture.findings(expecting: [before]) == [])
        #expect(try await fixture.findings(expecting: [before, fixture.position]) == [.stale(expected: fixture.position, newest: 1)])
    }

    @Test func `an archive that was written anew is no proof of what it once had`() async throws {
        let fixture = try await ArchiveFixture()
        try await fixture.ship(1)
        let position = fixture.position
        try FileManager.default.removeItem(atPath: fixture.path("environment"))
        let other = try await ArchiveFixture(seed: 5, in: fixture.home)
        try await other.ship(1)
        #expect(try await other.findings() == [])
        #expect(try await other.findings(expecting: [position]) == [.rewritten(position)])
    }

    @Test func `who ships where another one did is told so, and may ship the same again`() async throws {
        let fixture = try await ArchiveFixture()
        let before = fixture.position
        let (mine, _) = try fixture.segment([1])
        let (others, _) = try fixture.segment([2])
        try await fixture.archive.append(mine, after: before)
        try await fixture.archive.append(mine, after: before)
        await #expect(throws: ArchiveFault.self) { try await fixture.archive.append(others, after: before) }
        let second = Opening(
            database: "environment/one", generation: 1, pageSize: 512, openedAt: Instant(seconds: 1000), reason: .first)
        await #expect(throws: ArchiveFault.self) { try await fixture.archive.open(second) }
        #expect(try bytes(of: fixture.path(segment: 1)) == mine)
    }

    @Test func `a base that is torn, altered or missing is found`() async throws {
        let fixture = try await ArchiveFixture()
        let base = try await fixture.base(SeededEntropy(seed: 9).bytes(5000))
        #expect(try await fixture.findings() == [])
        let path = "\(fixture.home.path)/objects/\(base.data)"
        let whole = try bytes(of: path)
        try put(Array(whole.dropLast()), at: path)
        #expect(try await fixture.findings() == [.torn(base.data)])
        try put(whole.dropLast() + [whole[4999] ^ 1], at: path)
        #expect(try await fixture.findings() == [.altered(base.data)])
        try FileManager.default.removeItem(atPath: path)
        #expect(try await fixture.findings() == [.missing(base.data)])
    }

    @Test func `every byte of what is said of a base or a generation counts`() async throws {
        let fixture = try await ArchiveFixture()
        let base = try await fixture.base(Array("some pages".utf8))
        for path in [
            "\(fixture.home.path)/objects/\(base.data.description.dropLast(5))", fixture.path("environment/one/g00000001/opening"),
        ] {
            let whole = try bytes(of: path)
            for offset in whole.indices {
                var changed = whole
                changed[offset] ^= 1
                try put(changed, at: path)
                await #expect(throws: ArchiveFault.self, "byte \(offset)") { try await fixture.archive.verify() }
                try put(Array(whole.prefix(offset)), at: path)
                await #expect(throws: ArchiveFault.self, "\(offset) bytes") { try await fixture.archive.verify() }
            }
            try put(whole, at: path)
        }
    }

    @Test func `a base that waits for entries, and entries that wait for a base, are of no use, and that is said`() async throws {
        let fixture = try await ArchiveFixture()
        try await fixture.ship(1)
        _ = try await fixture.base([1, 2, 3, 4], first: 0, usable: 2)
        #expect(try await fixture.findings() == [.gap(generation: 1, after: 1, before: 3)])
        try FileManager.default.removeItem(atPath: fixture.path("environment/one/g00000001/bases"))
        #expect(try await fixture.findings() == [.tooEarly])
    }
}
