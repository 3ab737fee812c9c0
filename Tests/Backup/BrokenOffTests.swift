import Foundation
import ObjectStores
import Storage
import Synchronization
import TestSupport
import Testing
import Threads
import Vocabulary

@testable import Backup

/// Upkeep that ends in the middle, as by kill -9, at every request that it makes; and destinations that are full, slow or liars.
@Suite(.timeLimit(.minutes(4))) struct BrokenOffTests {
    private static let retention = Retention(window: .days(7), weeks: 1, months: 0)

    /// A month of an archive that upkeep never came by, so that it has everything to do: pages to gather, segments to merge, bases to delete.
    private static func neglected() async throws -> (ShippedEngine, ManualClock) {
        let clock = ManualClock(Instant(seconds: 1_767_225_600))
        let server = try await ShippedEngine(clock: clock)
        try await server.settled()
        for day in 0..<20 {
            clock.advance(by: .days(1))
            try await server.add(day * 2 + 1...day * 2 + 2)
            try await server.caughtUp()
            if day % 6 == 5 { _ = try await server.shipping.base(of: ShippedEngine.name) }
        }
        return (server, clock)
    }

    private static func upkeep(_ archive: Archive, _ now: Instant) async throws {
        var policy = Archive.MergePolicy()
        (policy.reserve, policy.plainAtLeast, policy.mergedAtLeast) = (2, 3, 2)
        _ = try await archive.makeDifferential(of: 1)
        _ = try await archive.prune(retention, at: now)
        try await archive.merge(policy)
        _ = try await archive.prune(retention, at: now)
    }

    private static func rows(_ archive: Archive, _ home: TemporaryDirectory, _ name: String) async throws -> Restoration.Report {
        let path = "\(home.path)/\(name).db"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await Restoration(archive, threads: BoundedThreads(1, waiting: 10)).restore(.newest, to: path)
    }

    @Test func `wherever it ends, what is left is sound, restores, and is brought to its end by the next round`() async throws {
        let (server, clock) = try await Self.neglected()
        await server.stop()
        let expected = try await Self.rows(server.archive, server.home, "expected")
        var step = 0
        while true {
            step += 1
            let folder = "\(server.home.path)/step"
            try FileManager.default.copyItem(atPath: server.home.path + "/objects", toPath: folder)
            let files = try await FileSystemStore(directory: folder)
            let doomed = DoomedStore(files, after: step)
            var isDone = false
            do {
                try await Self.upkeep(try Archive(doomed, database: "control"), clock.now())
                isDone = true
            } catch ObjectFault.unavailable {}
            let archive = try Archive(files, database: "control")
            #expect(try await archive.verify().findings == [], "after step \(step)")
            let left = try await Self.rows(archive, server.home, "left")
            #expect((left.ordinal, left.hash) == (expected.ordinal, expected.hash), "after step \(step)")
            try await Self.upkeep(archive, clock.now())
            #expect(try await archive.verify().findings == [], "after step \(step) and another round")
            let whole = try await Self.rows(archive, server.home, "whole")
            #expect((whole.ordinal, whole.hash) == (expected.ordinal, expected.hash), "after step \(step) and another round")
            try FileManager.default.removeItem(atPath: folder)
            if isDone { break }
        }
        #expect(step > 20, "there were steps to end at")
    }

    @Test func `a restoration beside pruning and merging ends well`() async throws {
        let (server, clock) = try await Self.neglected()
        let expected = try await Self.rows(server.archive, server.home, "expected")
        let (archive, now) = (server.archive, clock.now())
        let upkeep = Task { try await Self.upkeep(archive, now) }
        for number in 0..<10 {
            let found = try await Self.rows(archive, server.home, "beside-\(number)")
            #expect((found.ordinal, found.hash) == (expected.ordinal, expected.hash))
        }
        try await upkeep.value
        await server.stop()
    }

    @Test func `a slow place makes a writer wait a moment at a checkpoint, and loses nothing`() async throws {
        let server = try await ShippedEngine { settings, options in
            settings.patience = .milliseconds(20)
            options.checkpointFrames = 10
        }
        try await server.settled()
        server.store.become(.slow(.milliseconds(150)))
        try await server.add(1...40)
        server.store.become(.none)
        try await server.caughtUp()
        #expect(try await server.restore() == Array(1...40))
        #expect(try await server.generations == [.first])
        await server.stop()
    }

    @Test func `a full place is said, and what waited comes when there is room`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        server.store.become(.full)
        try await server.add(1...5)
        while server.shipping.status(of: ShippedEngine.name)?.failure == nil { try await Task.sleep(for: .milliseconds(2)) }
        #expect(server.shipping.status(of: ShippedEngine.name)?.failure?.contains("full") == true)
        server.store.become(.none)
        while server.shipping.status(of: ShippedEngine.name)?.failure != nil { try await Task.sleep(for: .milliseconds(2)) }
        try await server.settled()
        #expect(try await server.restore() == Array(1...5))
        await server.stop()
    }

    @Test func `a place that says yes and keeps nothing is found out, and named`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        server.store.become(.lying)
        try await server.add(1...5)
        try await server.caughtUp()
        server.store.become(.none)
        try await server.add(6...10)
        try await server.caughtUp()
        let findings = try await server.archive.verify().findings.map(\.fault)
        guard case .gap(generation: 1, after: 0, let before)? = findings.first else {
            Issue.record("found \(findings)")
            return
        }
        await #expect(throws: ArchiveFault.gap(generation: 1, after: 0, before: before)) { try await server.restore() }
        await server.stop()
    }

    @Test(arguments: [true, false]) func `upkeep notices what a place lost, and has all of it again`(atTheEnd: Bool) async throws {
        let server = try await ShippedEngine { settings, _ in (settings.merging.reserve, settings.merging.plainAtLeast) = (0, 2) }
        try await server.settled()
        try await server.add(1...3)
        try await server.caughtUp()
        server.store.become(.lying)
        try await server.add(4...6)
        try await server.caughtUp()
        server.store.become(.none)
        if !atTheEnd {
            try await server.add(7...9)
            try await server.caughtUp()
        }
        try await server.shipping.keepUp(ShippedEngine.name, Self.retention)
        try await server.settled()
        #expect(try await server.generations == (atTheEnd ? [.first] : [.first, .gap]))
        #expect(try await server.restore() == Array(1...(atTheEnd ? 6 : 9)))
        await server.stop()
    }
}

/// Does what it is asked so many times, and nothing any more from then on: as if whoever asks had been killed.
private final class DoomedStore: ObjectStore {
    private let inner: any ObjectStore
    private let left: Mutex<Int>

    init(_ inner: any ObjectStore, after requests: Int) {
        self.inner = inner
        left = Mutex(requests)
    }

    private func change() throws {
        try left.withLock {
            $0 -= 1
            guard $0 > 0 else { throw ObjectFault.unavailable(reason: "killed") }
        }
    }

    func put<Content: AsyncSequence & Sendable>(_ content: Content, at key: ObjectKey, ifAbsent: Bool) async throws -> StoredObject
    where Content.Element == [UInt8] {
        try change()
        return try await inner.put(content, at: key, ifAbsent: ifAbsent)
    }

    func summary(of key: ObjectKey) async throws -> ObjectSummary { try await inner.summary(of: key) }
    func piece(of key: ObjectKey, from offset: UInt64, count: Int, version: ObjectVersion?) async throws -> ObjectPiece {
        try await inner.piece(of: key, from: offset, count: count, version: version)
    }
    func list(_ prefix: String, after marker: String?, limit: Int) async throws -> ObjectPage {
        try await inner.list(prefix, after: marker, limit: limit)
    }
    func delete(_ key: ObjectKey) async throws {
        try change()
        try await inner.delete(key)
    }
    func sweep() async throws -> Int { try await inner.sweep() }
}
