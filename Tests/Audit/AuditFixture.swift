import Audit
import Ledger
import Storage
import TestSupport
import Vocabulary

/// A database with a log in it, its key and a few acts that fill it.
struct AuditFixture {
    static let schema = Schema(
        name: "environment", AuditLog.migrations,
        [
            Migration("test_0001_note") { dialect in
                let note: SQL = "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"
                // So that the same tampering can be written for both.
                let zeros: SQL = """
                    CREATE FUNCTION zeroblob(integer) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(repeat('00', $1), 'hex') $$
                    """
                return dialect == .sqlite ? [note] : [note, zeros]
            }
        ])
    static let origin = "holdfast.test/audit/one"
    static let seed = Secret([UInt8](repeating: 9, count: 32))

    let engine: TestEngine
    let database: any Database
    let clock = ManualClock()
    let log = AuditLog()

    init() async throws {
        engine = try await TestEngine()
        database = try await engine.database(schema: Self.schema)
    }

    var checkpoints: AuditCheckpoints {
        get throws { try signer(Self.origin, Self.seed) }
    }

    func signer(_ origin: String, _ seed: Secret) throws -> AuditCheckpoints {
        guard let checkpoints = AuditCheckpoints(database: database, origin: origin, seed: seed, clock: clock) else { throw NoSigner() }
        return checkpoints
    }

    struct NoSigner: Error {}

    func verifier(kept: [String] = []) throws -> AuditVerifier { AuditVerifier(key: try checkpoints.key, kept: kept) }

    func record(_ event: AuditEvent, by principal: Principal = Principal(.platform(component: "test"))) async throws {
        let now = clock.now()
        try await database.write { [log] in try log.record(event, by: principal, at: now, in: $0) }
        clock.advance(by: .seconds(1))
    }

    /// Entries in batches, with a checkpoint after each.
    func fill(_ batches: Int..., sign: Bool = true) async throws {
        var version = 0
        for batch in batches {
            let events = (0..<batch).map { AuditEvent.masterKeyRotated(version: version + $0) }
            version += batch
            let now = clock.now()
            try await database.write { [log] in try log.record(events, by: Principal(.shell(user: "root")), at: now, in: $0) }
            clock.advance(by: .seconds(60))
            if sign { try await checkpoints.sign() }
        }
    }

    func export() async throws -> String {
        var text = ""
        try await AuditExport(database: database, checkpoints: try checkpoints).write { text += $0 }
        return text
    }

    /// Runs statements as somebody would who has the file and its key.
    func tamper(_ statements: SQL...) async throws {
        try await database.write { transaction in
            for statement in transaction.dialect.unguardingTheAuditLog { try transaction.run(statement) }
            for statement in statements { try transaction.run(statement) }
        }
    }
}

extension AuditVerifier {
    func verify(export text: String) -> Report { Array(text.utf8).withUnsafeBytes { verify(export: $0) } }
}
