import Audit
import Ledger
import ObjectStores
import TestSupport
import Testing
import Vocabulary

@Suite struct PublishedLogTests {
    private let fixture: AuditFixture
    private let home: TemporaryDirectory
    private let store: any ObjectStore

    init() async throws {
        fixture = try await AuditFixture()
        home = try TemporaryDirectory()
        store = try await FileSystemStore(directory: home.path + "/objects")
    }

    private func published(by signer: AuditCheckpoints? = nil) throws -> PublishedLog {
        try #require(PublishedLog(in: store, folder: "audit/one", checkpoints: signer ?? fixture.checkpoints))
    }

    private func keys() async throws -> [String] {
        try await store.all("").map { String($0.key.description.dropFirst("audit/one/".count)) }
    }

    private func key(_ path: String) throws -> ObjectKey { try #require(ObjectKey("audit/one/\(path)")) }

    private func verify() async throws -> [AuditFault] {
        let log = try published()
        let kept = try await log.note().map { [$0] } ?? []
        return try await fixture.verifier(kept: kept).verify(fixture.database).adding(log.verify()?.faults ?? []).faults
    }

    @Test func `an empty log is not published`() async throws {
        #expect(try await published().publish() == 0)
        #expect(try await published().verify() == nil)
        #expect(try await keys() == [])
    }

    @Test func `tiles and checkpoint lie where tlog-tiles says, and partial tiles go when theirs is full`() async throws {
        try await fixture.fill(300)
        #expect(try await published().publish() == 4)
        #expect(try await keys() == ["checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"])
        let note = try await store.bytes(of: key("checkpoint"), atMost: 2000)
        let checkpoint = try Checkpoint(verifying: String(decoding: note, as: UTF8.self), keys: [fixture.checkpoints.key])
        #expect(checkpoint.size == 300)
        #expect(try await published().publish() == 0)
        try await fixture.fill(212)
        #expect(try await published().publish() == 3)
        #expect(try await keys() == ["checkpoint", "tile/0/000", "tile/0/001", "tile/1/000.p/1", "tile/1/000.p/2"])
        #expect(try await published().verify()?.tiles == 3)
        #expect(try await verify() == [])
    }

    @Test func `whoever holds the tiles alone gets the signed root from them`() async throws {
        var batches = 0
        for batch in [1, 254, 1, 1, 255, 700, 65] {
            try await fixture.fill(batch)
            try await published().publish()
            batches += batch
            let report = try #require(try await published().verify())
            #expect(report.faults == [] && report.size == UInt64(batches))
        }
    }

    @Test func `a store that was behind catches up, also after it lost everything`() async throws {
        try await fixture.fill(100, 400, 300)
        try await published().publish()
        for object in try await store.all("") { try await store.delete(object.key) }
        #expect(try await published().publish() == 6)
        #expect(try await verify() == [])
    }

    @Test func `a publication that was cut off is finished by the next`() async throws {
        try await fixture.fill(600)
        try await published().publish()
        let before = try await keys()
        for lost in before.reversed() {
            try await store.delete(key(lost))
            try await store.delete(key("checkpoint"))
            try await published().publish()
            #expect(try await keys() == before)
            #expect(try await verify() == [])
        }
    }

    @Test func `a database that was put back or written anew is no continuation, and nothing of it is published`() async throws {
        try await fixture.fill(300)
        try await published().publish()
        let other = try await AuditFixture()
        try await other.fill(299)
        await #expect(throws: AuditFault.rolledBack(signed: 300, found: 299)) { try await published(by: other.checkpoints).publish() }
        for size in [300, 400] {
            let other = try await AuditFixture()
            try await other.record(.serverStopped)
            try await other.fill(size - 1)
            await #expect(throws: AuditFault.rootDiffers(size: 300)) { try await published(by: other.checkpoints).publish() }
        }
        #expect(try await verify() == [])
        let kept = try #require(try await published().note())
        #expect(try await other.verifier(kept: [kept]).verify(other.database).faults == [.rolledBack(signed: 300, found: 299)])
    }

    @Test func `changes in the store are found`() async throws {
        try await fixture.fill(70_000)
        try await published().publish()
        #expect(try await verify() == [])
        let places: [(path: String, fault: AuditFault)] = [
            ("tile/0/100", .publishedTileDiffers(level: 1, index: 0)), ("tile/1/000", .publishedTileDiffers(level: 1, index: 0)),
            ("tile/1/001.p/17", .publishedTileDiffers(level: 1, index: 1)), ("tile/2/000.p/1", .publishedTileDiffers(level: 2, index: 0)),
            ("tile/0/273.p/112", .publishedRootDiffers(size: 70_000)),
        ]
        for (path, expected) in places {
            let key = try key(path)
            let bytes = try await store.bytes(of: key, atMost: 8192)
            var changed = bytes
            changed[5] ^= 1
            try await store.put(changed, at: key)
            #expect(try await published().verify()?.faults == [expected], "\(path)")
            try await store.put(Array(bytes.dropLast()), at: key)
            #expect(try await published().verify()?.faults.count == 1, "\(path) cut")
            try await store.delete(key)
            #expect(try await published().verify()?.faults.count == 1, "\(path) gone")
            try await store.put(bytes, at: key)
        }
        #expect(try await published().verify()?.faults == [])
    }

    @Test func `a checkpoint that another key signed is not believed, nor built upon`() async throws {
        try await fixture.fill(10)
        let stranger = try fixture.signer(AuditFixture.origin, Secret([UInt8](repeating: 8, count: 32)))
        let forged = try await Checkpoint(origin: AuditFixture.origin, size: 10, root: fixture.verifier().verify(fixture.database).root)
            .sign(with: try #require(NoteSigner(name: AuditFixture.origin, seed: Secret([UInt8](repeating: 8, count: 32)))))
        #expect(stranger.origin == AuditFixture.origin)
        for (note, expected) in [(forged.description, AuditFault.forged(size: 10)), ("nothing", .checkpointMalformed(0))] {
            try await store.put(Array(note.utf8), at: key("checkpoint"))
            #expect(try await published().verify()?.faults == [expected])
            await #expect(throws: expected) { try await published().publish() }
        }
    }

    @Test func `a tile that somebody put there first is not taken for ours`() async throws {
        try await fixture.fill(300)
        try await store.put([UInt8](repeating: 7, count: 8192), at: key("tile/0/000"))
        await #expect(throws: AuditFault.publishedTileDiffers(level: 0, index: 0)) { try await published().publish() }
        #expect(try await published().note() == nil)
    }
}
