import Foundation
import ObjectStores
import Storage
import TestSupport
import Testing
import Threads
import Vocabulary

@testable import Backup

/// The pages that changed, instead of every change of each.
@Suite(.timeLimit(.minutes(2))) struct DifferentialTests {
    /// Writes the same few rows again and again, so that most frames are overwritten later.
    private static func churn(_ server: ShippedEngine, _ rounds: ClosedRange<Int>) async throws {
        for round in rounds {
            try await server.database.write { transaction in
                try transaction.run("INSERT INTO item VALUES (\(round), 'new')")
                try transaction.run("UPDATE item SET body = \("\(round) " + String(repeating: "y", count: 900))")
            }
        }
        try await server.caughtUp()
    }

    private static func plan(_ server: ShippedEngine, _ ordinal: UInt64) async throws -> Restoration.Plan {
        try await Restoration(server.archive, threads: BoundedThreads(1, waiting: 10)).plan(.commit(generation: 1, ordinal: ordinal))
    }

    @Test func `it stands for all entries before it, and the next one builds on it`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        try await Self.churn(server, 1...40)
        let first = try #require(try await server.archive.makeDifferential(of: 1))
        #expect(first.to == 40)
        #expect(try await server.archive.makeDifferential(of: 1) == nil, "nothing changed since")
        try await Self.churn(server, 41...70)
        let second = try #require(try await server.archive.makeDifferential(of: 1))
        #expect(second.to == 70)
        // Fewer pages than were written.
        #expect(second.pages < 60)
        try await Self.churn(server, 71...75)
        #expect(try await Self.plan(server, 39).differential == nil)
        #expect(try await Self.plan(server, 40).differential == first)
        #expect(try await Self.plan(server, 69).differential == first)
        #expect(try await Self.plan(server, 75).differential == second)
        for ordinal: UInt64 in [1, 39, 40, 41, 69, 70, 71, 75] {
            #expect(try await server.restore(.commit(generation: 1, ordinal: ordinal)) == Array(1...Int(ordinal)))
        }
        #expect(try await server.archive.verify().findings == [])
        await server.stop()
    }

    @Test func `entries that it stands for are not needed any more`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        try await Self.churn(server, 1...40)
        _ = try await server.archive.makeDifferential(of: 1)
        try await Self.churn(server, 41...45)
        for segment in try #require(try await server.archive.catalogue().newest).segments where segment.first < 30 {
            try await server.store.delete(segment.key)
        }
        #expect(try await server.restore() == Array(1...45))
        await server.stop()
    }

    @Test func `a database that became smaller is as small again`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        try await server.add(1...200, length: 3000)
        try await server.database.write { try $0.run("DELETE FROM item WHERE number > 3") }
        try await server.caughtUp()
        let differential = try #require(try await server.archive.makeDifferential(of: 1))
        #expect(differential.pages <= Int(differential.pagesAfter))
        #expect(try await server.restore() == [1, 2, 3])
        await server.stop()
    }

    @Test func `a changed or a cut one is found and not restored from`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        try await Self.churn(server, 1...20)
        let differential = try #require(try await server.archive.makeDifferential(of: 1))
        let path = "\(server.home.path)/objects/\(differential.data)"
        let whole = try bytes(of: path)
        var flipped = whole
        flipped[whole.count / 2] ^= 1
        for (damaged, fault) in [
            (flipped, ArchiveFault.altered(differential.data)), (Array(whole.dropLast(10)), .altered(differential.data)),
        ] {
            try put(damaged, at: path)
            #expect(try await server.archive.verify().findings.map(\.fault) == [fault])
            await #expect(throws: fault) { try await server.restore() }
        }
        try FileManager.default.removeItem(atPath: path)
        await #expect(throws: ArchiveFault.missing(differential.data)) { try await server.restore() }
        try put(whole, at: path)
        #expect(try await server.restore() == Array(1...20))
        await server.stop()
    }

    @Test func `upkeep makes one a day, a base a week, and prunes both`() async throws {
        let clock = ManualClock(Instant(seconds: 1_767_225_600))
        let server = try await ShippedEngine(clock: clock)
        try await server.settled()
        let retention = Retention(window: .days(7), weeks: 2, months: 0)
        for day in 1...30 {
            clock.advance(by: .days(1))
            try await Self.churn(server, day...day)
            try await server.shipping.keepUp(ShippedEngine.name, retention)
        }
        let newest = try #require(try await server.archive.catalogue().newest)
        #expect((2...4).contains(newest.bases.count))
        #expect((6...12).contains(newest.differentials.count))
        #expect(try await server.archive.verify().findings == [])
        for ordinal: UInt64 in 24...30 {
            #expect(try await server.restore(.commit(generation: 1, ordinal: ordinal)) == Array(1...Int(ordinal)))
        }
        await server.stop()
    }
}
