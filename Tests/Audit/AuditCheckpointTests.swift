import Audit
import Ledger
import Storage
import TestSupport
import Testing
import Vocabulary

@Suite struct AuditCheckpointTests {
    @Test func `an empty log has nothing to sign`() async throws {
        let fixture = try await AuditFixture()
        #expect(try await fixture.checkpoints.sign() == nil)
        #expect(try await fixture.checkpoints.newest() == nil)
        #expect(try await fixture.verifier().verify(fixture.database).holds)
    }

    @Test func `a checkpoint is signed by the log's key and covers all entries`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(3, 700, 1)
        let newest = try #require(try await fixture.checkpoints.newest())
        #expect(try Checkpoint(verifying: newest.note, keys: [fixture.checkpoints.key]).size == 704)
        let again = try await fixture.checkpoints.sign()
        #expect(again == newest)
        let report = try await fixture.verifier().verify(fixture.database)
        #expect(report.holds, "\(report.faults)")
        #expect(report.checkpoints == 3)
        #expect(report.unsigned == 0)
    }

    @Test func `every entry is provable, and a proof is worth nothing for another entry`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(260, 300, 7)
        for seq in [0, 1, 255, 256, 511, 512, 559, 560, 566] as [UInt64] {
            let proof = try #require(try await fixture.checkpoints.prove(seq))
            let believed = try Checkpoint(verifying: proof.checkpoint.note, keys: [fixture.checkpoints.key])
            #expect(proof.inclusion.verifies(leaf: .leaf(proof.entry.body), root: believed.root))
            #expect(!proof.inclusion.verifies(leaf: .leaf(proof.entry.body + " "), root: believed.root))
        }
        #expect(try await fixture.checkpoints.prove(567) == nil)
        try await fixture.record(.serverStopped)
        #expect(try await fixture.checkpoints.prove(567)?.checkpoint.checkpoint.size == 568)
    }

    @Test func `the log is shown to have grown from any older checkpoint`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(100, 300, 50)
        let all = try await fixture.checkpoints.list().map(\.checkpoint)
        for old in all {
            let proof = try #require(try await fixture.checkpoints.consistency(from: old.size, to: all[0].size))
            #expect(proof.verifies(oldRoot: old.root, newRoot: all[0].root))
        }
        #expect(try await fixture.checkpoints.consistency(from: 1, to: 451) == nil)
    }

    @Test func `a log that was tampered with gets no signature`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(20)
        try await fixture.fill(20, sign: false)
        try await fixture.tamper("UPDATE audit_entry SET body = replace(body, 'root', 'toor') WHERE seq = 30")
        await #expect(throws: AuditFault.treeDiffers) { try await fixture.checkpoints.sign() }
        try await fixture.tamper("DELETE FROM audit_entry WHERE seq = 30")
        await #expect(throws: AuditFault.entryMissing(30)) { try await fixture.checkpoints.sign() }
        try await fixture.tamper("UPDATE audit_frontier SET size = 0, hashes = substr(hashes, 1, 0)")
        await #expect(throws: AuditFault.rolledBack(signed: 20, found: 0)) { try await fixture.checkpoints.sign() }
    }

    @Test func `another key does not carry on from this key's checkpoint`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(5)
        try await fixture.fill(5, sign: false)
        let stranger = try fixture.signer(AuditFixture.origin, Secret([UInt8](repeating: 1, count: 32)))
        await #expect(throws: AuditFault.forged(size: 5)) { try await stranger.sign() }
    }

    @Test func `a key or origin that is unfit makes no signer`() async throws {
        let fixture = try await AuditFixture()
        #expect(throws: AuditFixture.NoSigner.self) { try fixture.signer("two words", AuditFixture.seed) }
        #expect(throws: AuditFixture.NoSigner.self) { try fixture.signer("", AuditFixture.seed) }
        #expect(throws: AuditFixture.NoSigner.self) { try fixture.signer("log", Secret([1, 2, 3])) }
    }
}
