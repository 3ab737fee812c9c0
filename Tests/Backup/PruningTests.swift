import Backup
import Foundation
import ObjectStores
import Storage
import TestSupport
import Testing
import Vocabulary

/// Deleting: what retention keeps is still restored, and nothing else is there.
@Suite struct PruningTests {
    @Test(.timeLimit(.minutes(10))) func `half a year of weeks is shipped, pruned and restored`() async throws {
        let clock = ManualClock(Instant(seconds: 1_767_225_600))
        let server = try await ShippedEngine(clock: clock)
        try await server.settled()
        let retention = Retention(window: .days(14), weeks: 5, months: 12)
        var ordinals: [(at: Instant, ordinal: UInt64, numbers: Int)] = []
        for day in 0..<180 {
            clock.advance(by: .days(1))
            try await server.add(day * 10...day * 10 + (day % 3))
            try await server.caughtUp()
            let ordinal = try #require(server.shipping.status(of: ShippedEngine.name)?.ordinal)
            ordinals.append((clock.now(), ordinal, (ordinals.last?.numbers ?? 0) + day % 3 + 1))
            try await server.shipping.keepUp(ShippedEngine.name, retention)
        }
        let newest = try #require(try await server.archive.catalogue().newest)
        // Three within the window and before it, five weeks, seven months, some of them the same.
        #expect((10...14).contains(newest.bases.count))
        #expect(newest.segments.count < 60)
        for (at, ordinal, numbers) in ordinals where at > clock.now() - .days(14) {
            #expect(try await server.restore(.moment(at)).count == numbers)
            #expect(try await server.restore(.commit(generation: 1, ordinal: ordinal)).count == numbers)
        }
        for base in newest.bases where base.usable > 0 {
            let expected = try #require(ordinals.last { $0.ordinal <= base.usable })
            #expect(try await server.restore(.commit(generation: 1, ordinal: base.usable)).count == expected.numbers)
        }
        await server.stop()
    }

    @Test func `a database that nobody writes to is pruned and still goes on`() async throws {
        let clock = ManualClock(Instant(seconds: 1_767_225_600))
        let server = try await ShippedEngine(clock: clock)
        try await server.settled()
        try await server.add(1...5)
        try await server.caughtUp()
        let retention = Retention(window: .days(7), weeks: 0, months: 0)
        for _ in 0..<6 {
            clock.advance(by: .days(7))
            try await server.shipping.keepUp(ShippedEngine.name, retention)
        }
        await server.stop()
        try await server.startAgain()
        try await server.settled()
        #expect(try await server.generations == [.first])
        #expect(try await server.restore() == Array(1...5))
        await server.stop()
    }

    @Test func `upkeep while the first full is being made takes nothing from it`() async throws {
        let fixture = try await ArchiveFixture(hasBase: false)
        for _ in 0..<3 { try await fixture.ship(1) }
        let retention = Retention(window: .days(7), weeks: 0, months: 0)
        #expect(try await fixture.archive.prune(retention, at: Instant(seconds: 1004) + .days(1)).deleted == 0)
        _ = try await fixture.base([1, 2, 3], usable: 3)
        #expect(try await fixture.findings() == [])
    }

    @Test func `a copy that nobody finished is swept, and one that is being made is not`() async throws {
        let fixture = try await ArchiveFixture()
        let base = try await fixture.base([1, 2, 3, 4])
        let path = "\(fixture.home.path)/objects/\(base.data)"
        try FileManager.default.removeItem(atPath: String(path.dropLast(5)))
        let retention = Retention(window: .days(7), weeks: 0, months: 0)
        #expect(try await fixture.archive.prune(retention, at: Instant(seconds: 1004) + .days(2)).deleted == 0)
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(try await fixture.archive.prune(retention, at: Instant(seconds: 1005) + .days(2)).deleted == 1)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try await fixture.findings() == [])
    }
}
