import Audit
import Ledger
import Sealing
import Storage
import Synchronization
import Vocabulary

extension Control {
    static let verifiableLog = automated(
        "LG-3", "A log that customers can verify", "C",
        "A customer reads its own audit log, takes it along, and checks without trusting the vendor that nothing in it was changed.",
        every: .hours(6), VerifiableLog())
}

/// Signs and verifies whole logs, the platform's and those of some environments, going round; an entry's proof and an export are checked like a stranger would.
struct VerifiableLog: Probe {
    /// Environments verified in one round.
    static let share = 10
    private let next = Turn()

    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        let places = try await platform.places().map { KeyOwner.environment($0.id) }
        let start = next.advance(by: Self.share, around: places.count)
        let owners = [KeyOwner.control] + (0..<min(Self.share, places.count)).map { places[(start + $0) % places.count] }
        var entries: UInt64 = 0
        var tiles = 0
        for owner in owners {
            let database = try await Self.database(of: owner, platform)
            let checkpoints = try await platform.checkpoints(of: owner)
            // What was signed before must still hold; signing anew would refuse a broken log, which is an answer too.
            let published = platform.objects.flatMap { PublishedLog(in: $0, of: owner, checkpoints: checkpoints) }
            let kept = try await [Witnesses.newest(of: checkpoints.origin, in: platform.control), published?.note()].compactMap(\.self)
            let report = try await AuditVerifier(key: checkpoints.key, kept: kept).verify(database)
            if let outside = try await published?.verify() {
                for fault in outside.faults { findings.expect(false, "\(owner): \(fault)") }
                tiles += outside.tiles
            }
            for fault in report.faults { findings.expect(false, "\(owner): \(fault)") }
            entries += report.entries
            guard report.holds, let signed = try await checkpoints.sign() else { continue }
            try await Witnesses.keep(signed, in: platform.control)
            let seq = platform.entropy.words().0 % signed.checkpoint.size
            guard let proof = try await checkpoints.prove(seq),
                let believed = try? Checkpoint(verifying: proof.checkpoint.note, keys: [checkpoints.key]),
                proof.inclusion.verifies(leaf: .leaf(proof.entry.body), root: believed.root)
            else {
                findings.expect(false, "\(owner): entry \(seq) can't be proved")
                continue
            }
        }
        findings.count("logs", owners.count)
        findings.count("environments", places.count)
        findings.count("entries", Int(clamping: entries))
        findings.count("published tiles", tiles)
        return findings.evidence("\(owners.count) logs with \(entries) entries agree with every checkpoint ever signed for them.")
    }

    private static func database(of owner: KeyOwner, _ platform: Platform) async throws -> any Database {
        switch owner {
        case .control: platform.control
        case .environment(let id), .database(let id, _): try await platform.database(id)
        }
    }

    /// Where the next round begins.
    private final class Turn: Sendable {
        private let place = Mutex(0)
        func advance(by share: Int, around count: Int) -> Int {
            guard count > 0 else { return 0 }
            return place.withLock { place in
                defer { place = (place + share) % count }
                return place % count
            }
        }
    }
}

/// Checkpoints of all logs, kept in the control database: an environment's database that is put back to an older copy can't take them along.
package enum Witnesses {
    static let migrations: [Migration] = [
        Migration("controls_0002_witness") { dialect in
            let number: SQL = dialect == .sqlite ? "INTEGER" : "BIGINT"
            let strict: SQL = dialect == .sqlite ? " STRICT" : ""
            return [
                "CREATE TABLE audit_witness (origin TEXT NOT NULL PRIMARY KEY, size \(number) NOT NULL, note TEXT NOT NULL)\(strict)"
            ]
        }
    ]

    package static func newest(of origin: String, in control: any Database) async throws -> String? {
        try await control.read { try $0.value("SELECT note FROM audit_witness WHERE origin = \(origin)", as: String.self) }
    }

    package static func keep(_ signed: AuditCheckpoints.Signed, in control: any Database) async throws {
        let size = Int64(clamping: signed.checkpoint.size)
        try await control.write { transaction in
            try transaction.run(
                """
                INSERT INTO audit_witness (origin, size, note) VALUES (\(signed.checkpoint.origin), \(size), \(signed.note))
                ON CONFLICT (origin) DO UPDATE SET size = excluded.size, note = excluded.note WHERE audit_witness.size < excluded.size
                """)
        }
    }
}
