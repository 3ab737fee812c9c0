import Storage
import Vocabulary

extension AuditLog {
    /// For every database, control and environment alike.
    ///
    /// The triggers keep a slip of our own from touching what was written; against somebody with the file and its key only
    /// the signed tree helps.
    package static let migrations: [Migration] = [
        Migration("audit_0001_entries") { dialect in
            switch dialect {
            case .sqlite:
                [
                    """
                    CREATE TABLE audit_entry (
                        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, actor TEXT NOT NULL, body TEXT NOT NULL
                    ) STRICT
                    """,
                    "CREATE INDEX audit_entry_event ON audit_entry (event, seq)",
                    "CREATE INDEX audit_entry_actor ON audit_entry (actor, seq)",
                    """
                    CREATE TABLE audit_frontier (
                        id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, hashes BLOB NOT NULL
                    ) STRICT
                    """,
                    "INSERT INTO audit_frontier (id, size, hashes) VALUES (1, 0, x'')",
                    """
                    CREATE TABLE audit_checkpoint (
                        size INTEGER PRIMARY KEY, at INTEGER NOT NULL, hashes BLOB NOT NULL, note TEXT NOT NULL
                    ) STRICT
                    """,
                    """
                    CREATE TABLE audit_tile (
                        level INTEGER NOT NULL, place INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, place)
                    ) STRICT, WITHOUT ROWID
                    """,
                    """
                    CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
                    BEGIN SELECT RAISE(ABORT, 'the audit log is final'); END
                    """,
                    """
                    CREATE TRIGGER audit_entry_undeleted BEFORE DELETE ON audit_entry
                    BEGIN SELECT RAISE(ABORT, 'the audit log is final'); END
                    """,
                ]
            case .postgres:
                [
                    """
                    CREATE TABLE audit_entry (
                        seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, event TEXT NOT NULL, actor TEXT NOT NULL, body TEXT NOT NULL
                    )
                    """,
                    "CREATE INDEX audit_entry_event ON audit_entry (event, seq)",
                    "CREATE INDEX audit_entry_actor ON audit_entry (actor, seq)",
                    """
                    CREATE TABLE audit_frontier (
                        id BIGINT PRIMARY KEY CHECK (id = 1), size BIGINT NOT NULL, hashes BYTEA NOT NULL
                    )
                    """,
                    "INSERT INTO audit_frontier (id, size, hashes) VALUES (1, 0, '')",
                    "CREATE TABLE audit_checkpoint (size BIGINT PRIMARY KEY, at BIGINT NOT NULL, hashes BYTEA NOT NULL, note TEXT NOT NULL)",
                    """
                    CREATE TABLE audit_tile (
                        level BIGINT NOT NULL, place BIGINT NOT NULL, hashes BYTEA NOT NULL, PRIMARY KEY (level, place)
                    )
                    """,
                    """
                    CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN RAISE EXCEPTION 'the audit log is final'; END $$
                    """,
                    """
                    CREATE TRIGGER audit_entry_final BEFORE UPDATE OR DELETE ON audit_entry
                    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final()
                    """,
                ]
            }
        }
    ]
}

extension AuditLog {
    /// The name of a log in its checkpoints: `holdfast.example/audit/control`, `holdfast.example/audit/<environment>`.
    package static func origin(apex: String, environment: EnvironmentID?) -> String {
        "\(apex)/audit/\(environment?.description ?? "control")"
    }
}
