import Audit
import Foundation
import Ledger
import Storage
import TestSupport
import Testing
import Vocabulary

/// `audit.tamper`: whatever is done to a log, in its export or in its database, a verifier with the key and one old checkpoint notices.
///
/// Replay with the seed that a failure prints: `HOLDFAST_SEED=…`. `HOLDFAST_TAMPERS=10000` is the release bar.
@Suite struct AuditTamperTests {
    static let environment = ProcessInfo.processInfo.environment
    static let seed = environment["HOLDFAST_SEED"].flatMap(UInt64.init) ?? 20_261_121
    static let rounds = environment["HOLDFAST_TAMPERS"].flatMap(Int.init) ?? 1000

    @Test func `an untouched export verifies`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(10, 300, 5)
        let report = try fixture.verifier().verify(export: try await fixture.export())
        #expect(report.holds, "\(report.faults)")
        #expect(report.entries == 315)
        #expect(report.checkpoints == 3)
        #expect(AuditVerifier(key: nil).verify(export: try await fixture.export()).holds)
        #expect(!(try fixture.verifier().verify(export: "").holds))
    }

    @Test func `every tampering with an export is detected`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(3, 20, 12, 5)
        let export = try await fixture.export()
        let lines = export.split(separator: "\n").map(String.init)
        let verifier = try fixture.verifier(kept: [try #require(try await fixture.checkpoints.newest()).note])
        #expect(verifier.verify(export: export).holds)
        var generator = Generator(seed: Self.seed)
        for round in 0..<Self.rounds {
            let mutation = Mutation.allCases[round % Mutation.allCases.count]
            let bytes = mutation.apply(to: lines, &generator)
            guard bytes != Array(export.utf8) else { continue }
            let report = bytes.withUnsafeBytes { verifier.verify(export: $0) }
            #expect(!report.holds, "\(mutation), round \(round), HOLDFAST_SEED=\(Self.seed)")
        }
    }

    @Test func `an export signed anew with another key is not believed`() async throws {
        let honest = try await AuditFixture()
        try await honest.fill(20)
        let forger = try await AuditFixture()
        try await forger.fill(21)
        var forged = ""
        let other = try forger.signer(AuditFixture.origin, Secret([UInt8](repeating: 1, count: 32)))
        try await forger.tamper("DELETE FROM audit_checkpoint")
        try await AuditExport(database: forger.database, checkpoints: other).write { forged += $0 }
        #expect(AuditVerifier(key: nil).verify(export: forged).holds)
        let report = try honest.verifier().verify(export: forged)
        #expect(report.faults.contains(.foreignKey(other.key.description)))
        #expect(report.faults.contains(.forged(size: 21)))
    }

    @Test func `a log rolled back as a whole is found out by one checkpoint kept elsewhere`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(10)
        let past = try await fixture.export()
        try await fixture.fill(10)
        let kept = try #require(try await fixture.checkpoints.newest()).note
        #expect(try fixture.verifier().verify(export: past).holds)
        #expect(try fixture.verifier(kept: [kept]).verify(export: past).faults == [.rolledBack(signed: 20, found: 10)])
    }

    @Test func `a rewritten past is found out by one checkpoint kept elsewhere, even if the key was stolen`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(10)
        let kept = try #require(try await fixture.checkpoints.newest()).note
        let rewritten = try await AuditFixture()
        try await rewritten.record(.serverStopped)
        try await rewritten.fill(19)
        let report = try await fixture.verifier(kept: [kept]).verify(rewritten.database)
        #expect(report.faults == [.rootDiffers(size: 10)])
    }

    @Test(
        arguments: [
            "UPDATE audit_entry SET body = replace(body, '\"number\":4', '\"number\":5') WHERE seq = 4",
            "UPDATE audit_entry SET body = body || ' ' WHERE seq = 300",
            "UPDATE audit_entry SET event = 'server_stopped' WHERE seq = 7",
            "UPDATE audit_entry SET actor = 'shell:nobody' WHERE seq = 7",
            "UPDATE audit_entry SET at = at + 1 WHERE seq = 7",
            "DELETE FROM audit_entry WHERE seq = 0",
            "DELETE FROM audit_entry WHERE seq = 150",
            "DELETE FROM audit_entry WHERE seq = 314",
            "DELETE FROM audit_entry WHERE seq >= 310",
            "DELETE FROM audit_entry",
            "UPDATE audit_entry SET seq = 400 WHERE seq = 314",
            "INSERT INTO audit_entry SELECT 315, at, event, actor, body FROM audit_entry WHERE seq = 314",
            "INSERT INTO audit_entry SELECT -1, at, event, actor, body FROM audit_entry WHERE seq = 314",
            "UPDATE audit_frontier SET size = 314",
            "UPDATE audit_frontier SET size = 0, hashes = substr(hashes, 1, 0)",
            "DELETE FROM audit_frontier",
            "UPDATE audit_checkpoint SET note = replace(note, '310', '309') WHERE size = 310",
            "UPDATE audit_checkpoint SET note = note || '— other AAAAAAAA\n' WHERE size = 310",
            "UPDATE audit_checkpoint SET note = 'nothing' WHERE size = 310",
            "UPDATE audit_checkpoint SET size = 311 WHERE size = 310",
            "UPDATE audit_checkpoint SET hashes = substr(hashes, 1, 0) WHERE size = 310",
            "UPDATE audit_tile SET hashes = zeroblob(8192)",
            "UPDATE audit_tile SET place = 1",
            "INSERT INTO audit_checkpoint SELECT 5, at, hashes, note FROM audit_checkpoint WHERE size = 310",
        ] as [SQLText])
    func `every tampering with the database is detected`(damage: SQLText) async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(10, 300, 5)
        let before = try await fixture.verifier().verify(fixture.database)
        #expect(before.holds, "\(before.faults)")
        try await fixture.tamper(damage.sql)
        let after = try await fixture.verifier().verify(fixture.database)
        #expect(!after.holds)
    }

    @Test func `two entries that changed places are detected`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(20)
        try await fixture.tamper(
            "UPDATE audit_entry SET seq = 100 WHERE seq = 3", "UPDATE audit_entry SET seq = 3 WHERE seq = 4",
            "UPDATE audit_entry SET seq = 4 WHERE seq = 100")
        #expect(try await fixture.verifier().verify(fixture.database).faults.contains(.rootDiffers(size: 20)))
    }

    @Test func `a cut log with its tree set back in step is still shorter than what was signed`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(10, 10)
        try await fixture.tamper(
            "DELETE FROM audit_entry WHERE seq >= 10",
            "UPDATE audit_frontier SET size = 10, hashes = (SELECT hashes FROM audit_checkpoint WHERE size = 10)")
        #expect(try await fixture.verifier().verify(fixture.database).faults == [.rolledBack(signed: 20, found: 10)])
    }
}

/// Ways to spoil an export.
private enum Mutation: CaseIterable {
    case flipBit, changeByte, deleteByte, insertByte, deleteLine, duplicateLine, swapLines, cutShort, dropTail, dropCheckpoint, spliceLine

    func apply(to lines: [String], _ random: inout Generator) -> [UInt8] {
        var lines = lines
        var bytes: [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }
        var spoiled = bytes
        let place = random.below(spoiled.count)
        let line = random.below(lines.count)
        let other = random.below(lines.count)
        switch self {
        case .flipBit: spoiled[place] ^= 1 << UInt8(random.below(8))
        case .changeByte: spoiled[place] = UInt8(random.below(256))
        case .deleteByte: spoiled.remove(at: place)
        case .insertByte: spoiled.insert(UInt8(random.below(256)), at: place)
        case .cutShort: spoiled.removeLast(1 + place % (spoiled.count - 1))
        case .deleteLine:
            lines.remove(at: line)
            spoiled = bytes
        case .duplicateLine:
            lines.insert(lines[line], at: other)
            spoiled = bytes
        case .swapLines:
            lines.swapAt(line, other)
            spoiled = bytes
        case .dropTail:
            lines.removeLast(1 + random.below(lines.count - 1))
            spoiled = bytes
        case .dropCheckpoint:
            lines.remove(at: 1 + random.below(4))
            spoiled = bytes
        case .spliceLine:
            lines[line] = String(lines[line].dropLast(1)) + String(lines[other].suffix(1 + random.below(40)))
            spoiled = bytes
        }
        return spoiled
    }
}

private struct Generator {
    private let entropy: SeededEntropy
    init(seed: UInt64) { entropy = SeededEntropy(seed: seed) }
    mutating func below(_ bound: Int) -> Int { Int(entropy.words().0 % UInt64(bound)) }
}
