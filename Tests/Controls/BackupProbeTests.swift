import Backup
import Foundation
import Logging
import ObjectStores
import Storage
import StorageSQLite
import Tenants
import TestSupport
import Testing
import Vocabulary

@testable import Controls

/// What is said of backups, on a platform that ships to three places, and on ones that break it.
@Suite(.enabled(if: !TestEngine.isPostgres), .timeLimit(.minutes(3))) struct BackupProbeTests {
    /// An engine that ships to three directories, which pass for places of other kinds.
    private final class Shipped {
        /// Its databases are open as long as it is there.
        let fixture: PlatformFixture
        let home: TemporaryDirectory
        let clock = ManualClock(Instant(seconds: 1_767_225_600))
        let name: DatabaseName
        let destinations: Destinations
        let engine: SQLiteEngine
        let database: any Database
        let platform: Platform
        private let running: Task<Void, Never>

        init(
            _ fixture: PlatformFixture, edition: String = "enterprise", _ change: (inout [Destination]) -> Void = { _ in }
        ) async throws {
            self.fixture = fixture
            home = try TemporaryDirectory()
            let id = EnvironmentID(at: clock.now(), entropy: SystemEntropy())
            name = .environment(id)
            let placements = Placements()
            placements.note(
                .init(
                    tenant: TenantID(at: clock.now(), entropy: SystemEntropy()), kind: .production,
                    region: try #require(Region(named: "eu-north")),
                    edition: try #require(Edition(named: edition))), of: id)
            var places: [Destination] = []
            for (place, kind, region, append) in [
                ("disk", Destination.Kind.directory, nil, false), ("s3", .s3, "eu-west", false), ("vault", .sftp, "eu-north", true),
            ] {
                var store: any ObjectStore = try await FileSystemStore(directory: "\(home.path)/\(place)")
                if append { store = WriteOnce(store) }
                places.append(
                    Destination(
                        name: place, kind: kind, address: place, store: store, region: region.flatMap { Region(named: $0) },
                        isAppendOnly: append,
                        confirms: place == "disk"))
            }
            change(&places)
            let destinations = Destinations(
                places, placements: placements, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            self.destinations = destinations
            var options = SQLiteOptions()
            options.logWatcher = destinations
            engine = try SQLiteEngine(directory: home.path + "/data", options: options)
            let engine = engine
            running = Task { await destinations.run(engine) }
            let key = Secret((0..<32).map { UInt8($0) })
            let schema = Schema(
                name: "kept", [Migration("kept_0001", ["CREATE TABLE item (number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT"])])
            try await engine.create(name, key: key, schema: schema) { _ in }
            database = try await engine.open(name, schema: schema) { key }
            let (name, clock) = (name, clock)
            platform = fixture.changed {
                $0.destinations = destinations
                $0.placements = placements
                $0.clock = clock
                $0.retentions = { [name: Retention(window: .days(7), weeks: 5, months: 12)] }
            }
            try await add(1...30)
            try await settle()
        }

        func add(_ numbers: ClosedRange<Int>) async throws {
            for number in numbers {
                try await database.write {
                    try $0.run("INSERT INTO item VALUES (\(number), \(String(repeating: "customer's own words ", count: 40)))")
                }
            }
        }

        /// Until every place has everything, and a base.
        func settle() async throws {
            for line in destinations.keeping(name) {
                try await line.shipping.caughtUp(name)
                let archive = try line.shipping.archive(of: name)
                while try await archive.catalogue().newest?.bases.isEmpty ?? true { try await Task.sleep(for: .milliseconds(5)) }
            }
        }

        func keepUp() async throws {
            for line in destinations.keeping(name) {
                try await line.shipping.keepUp(name, Retention(window: .days(7), weeks: 5, months: 12))
            }
        }

        func objects(_ place: String, _ part: String) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: "\(home.path)/\(place)").filter { $0.contains(part) }.map {
                "\(home.path)/\(place)/\($0)"
            }
        }

        func check(_ id: String) async throws -> Evidence {
            guard let probe = Control.find(id)?.probe else { throw CannotProbe("\(id) has no probe") }
            return try await probe.check(platform)
        }

        func stop() async {
            running.cancel()
            await engine.shutdown()
        }
    }

    /// Nothing that is there is ever deleted.
    private struct WriteOnce: ObjectStore {
        let inner: any ObjectStore
        init(_ inner: any ObjectStore) { self.inner = inner }
        func put<Content: AsyncSequence & Sendable>(_ content: Content, at key: ObjectKey, ifAbsent: Bool) async throws -> StoredObject
        where Content.Element == [UInt8] { try await inner.put(content, at: key, ifAbsent: true) }
        func summary(of key: ObjectKey) async throws -> ObjectSummary { try await inner.summary(of: key) }
        func piece(of key: ObjectKey, from offset: UInt64, count: Int, version: ObjectVersion?) async throws -> ObjectPiece {
            try await inner.piece(of: key, from: offset, count: count, version: version)
        }
        func list(_ prefix: String, after marker: String?, limit: Int) async throws -> ObjectPage {
            try await inner.list(prefix, after: marker, limit: limit)
        }
        func delete(_ key: ObjectKey) async throws { throw ObjectFault.denied }
        func sweep() async throws -> Int { 0 }
    }

    @Test(arguments: ["BK-2", "BK-3", "BK-4", "BK-5", "BK-10"]) func `holds where three places keep everything`(id: String) async throws {
        let shipped = try await Shipped(PlatformFixture())
        let evidence = try await shipped.check(id)
        #expect(evidence.holds, "\(evidence)")
        await shipped.stop()
    }

    @Test(arguments: ["BK-2", "BK-3", "BK-4", "BK-5", "BK-10"]) func `isn't known where nothing is backed up`(id: String) async throws {
        let fixture = try await PlatformFixture()
        await #expect(throws: CannotProbe.self) { try await fixture.check(id) }
    }

    @Test func `BK-2 turns when a week's backup is gone, and when one stays that nobody was promised`() async throws {
        let shipped = try await Shipped(PlatformFixture())
        for day in 1...24 {
            shipped.clock.advance(by: .days(1))
            try await shipped.add(100 + day...100 + day)
            try await shipped.settle()
            try await shipped.keepUp()
        }
        let evidence = try await shipped.check("BK-2")
        #expect(evidence.holds, "\(evidence)")
        let bases = try shipped.objects("s3", "/bases/").filter { !$0.hasSuffix(".data") }.sorted()
        try FileManager.default.removeItem(atPath: bases[bases.count - 2])
        #expect(try await !shipped.check("BK-2").holds)
        await shipped.stop()

        let hoarder = try await Shipped(PlatformFixture())
        for _ in 1...12 {
            hoarder.clock.advance(by: .days(40))
            try await hoarder.settle()
            for line in hoarder.destinations.all { _ = try await line.shipping.base(of: hoarder.name) }
        }
        #expect(try await !hoarder.check("BK-2").holds)
        await hoarder.stop()
    }

    @Test func `BK-3 turns when no full was made for a week, no differential for a day, or commits wait`() async throws {
        let shipped = try await Shipped(PlatformFixture())
        shipped.clock.advance(by: .days(2))
        try await shipped.add(31...32)
        try await shipped.settle()
        #expect(try await !shipped.check("BK-3").holds, "no differential")
        try await shipped.keepUp()
        #expect(try await shipped.check("BK-3").holds)
        shipped.clock.advance(by: .days(9))
        #expect(try await !shipped.check("BK-3").holds, "no full")
        await shipped.stop()
    }

    @Test func `BK-4 turns when a place is missing, of one kind, not append-only, or full of lies`() async throws {
        let changes: [(inout [Destination]) -> Void] = [
            { $0.removeLast() }, { $0.remove(at: 0) },
            {
                $0 = $0.map {
                    Destination(
                        name: $0.name, kind: .s3, address: $0.address, store: $0.store, region: $0.region, isAppendOnly: $0.isAppendOnly)
                }
            },
            { $0 = $0.map { Destination(name: $0.name, kind: $0.kind, address: $0.address, store: $0.store, region: $0.region) } },
            {
                $0 = $0.map {
                    Destination(name: $0.name, kind: $0.kind, address: $0.address, store: $0.store, isAppendOnly: $0.isAppendOnly)
                }
            },
            { places in
                places = places.map {
                    let store = ($0.store as? WriteOnce)?.inner ?? $0.store
                    return Destination(
                        name: $0.name, kind: $0.kind, address: $0.address, store: store, region: $0.region, isAppendOnly: $0.isAppendOnly)
                }
            },
        ]
        for (index, change) in changes.enumerated() {
            let shipped = try await Shipped(PlatformFixture(), change)
            #expect(try await !shipped.check("BK-4").holds, "change \(index)")
            await shipped.stop()
        }
    }

    @Test func `BK-5 turns when something readable lies in a backup`() async throws {
        let shipped = try await Shipped(PlatformFixture())
        let base = try #require(try shipped.objects("disk", ".data").first)
        let readable = Data(String(repeating: "customer's own words ", count: 2000).utf8)
        try readable.write(to: URL(fileURLWithPath: base))
        #expect(try await !shipped.check("BK-5").holds)
        await shipped.stop()
    }

    @Test func `BK-10 turns when one place lacks what was sent there`() async throws {
        let shipped = try await Shipped(PlatformFixture())
        for segment in try shipped.objects("s3", "/segments/").filter({ !$0.hasSuffix("segments") }).sorted().dropFirst() {
            try FileManager.default.removeItem(atPath: segment)
        }
        for base in try shipped.objects("s3", ".data") { try Data([1, 2, 3]).write(to: URL(fileURLWithPath: base)) }
        #expect(try await !shipped.check("BK-10").holds)
        await shipped.stop()
        // An old copy is sound in itself.
        let fixture = try await PlatformFixture()
        let put = try await Shipped(fixture)
        let line = try #require(put.destinations.all.first { $0.destination.name == "s3" })
        let position = try #require(line.shipping.status(of: put.name)?.position)
        let anchors = BackupAnchors(fixture.control, clock: fixture.clock, audit: fixture.audit)
        try await anchors.note(position, of: put.name, at: "s3", by: PlatformFixture.operator_)
        #expect(try await put.check("BK-10").holds)
        let other = ArchivePosition(
            generation: position.generation, ordinal: position.ordinal, hash: try #require(ChainHash(String(repeating: "0", count: 64))))
        fixture.clock.advance(by: .days(2))
        try await anchors.note(other, of: put.name, at: "s3", by: PlatformFixture.operator_)
        #expect(try await !put.check("BK-10").holds)
        await put.stop()
        let unconfirmed = try await Shipped(PlatformFixture()) { places in
            // The only place that confirms lies elsewhere.
            places.append(
                Destination(
                    name: "far", kind: .s3, address: "far", store: places[0].store, region: Region(named: "us-east"), confirms: true))
            places[0] = Destination(name: "disk", kind: .directory, address: "disk", store: places[0].store)
        }
        #expect(try await !unconfirmed.check("BK-10").holds)
        await unconfirmed.stop()
    }
}
