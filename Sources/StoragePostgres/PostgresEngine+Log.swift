import Storage
import Vocabulary

/// What a PostgreSQL server says of its write-ahead log, which is of all its databases together.
package struct ServerLog: Sendable, Hashable {
    /// Tells this cluster from every other one.
    package let system: UInt64
    /// `15`
    package let majorVersion: String
    package let timeline: UInt32
    /// Where the next record will begin.
    package let position: UInt64
    /// Of one piece of it, in bytes.
    package let segmentSize: UInt64
    /// Whether pieces go to an archive.
    package let isArchived: Bool
    /// The piece that the archive took last, and when.
    package let archived: String?
    package let archivedAt: Instant?
    /// When the archive last refused a piece that it has not taken since.
    package let refusedAt: Instant?
    /// By the server's clock.
    package let now: Instant
    /// Settings that a server which reads this log must have at least as much of.
    package let limits: [String: Int]
}

/// How far a server is that reads another one's log.
package struct ServerReplay: Sendable, Hashable {
    /// False where it has become a server of its own.
    package let isReading: Bool
    /// It stands still where it was to stop.
    package let isPaused: Bool
    /// After the last record that was read.
    package let position: UInt64?
}

extension PostgresEngine {
    /// - Throws: ``StorageError``
    package func log() async throws -> ServerLog { try await building { try $0.log() } }

    /// Writes a commit that changes nothing, so that recovery to any moment before it finds where to stop.
    package func mark() async throws { try await building { try $0.mark() } }

    package func replay() async throws -> ServerReplay { try await building { try $0.replay() } }

    /// What the server calls one of our databases, and its number there; nil where there is none.
    package func identity(of name: DatabaseName) async throws -> (name: String, oid: UInt32?) {
        try await building { catalogue in
            let known = catalogue.databaseName(name)
            return (known, try catalogue.number(of: known))
        }
    }

    /// Where we are while a database is made; recovery needs it too.
    package var maintenanceDatabase: String { options.maintenanceDatabase }

    /// The same role and databases on another server.
    package func options(at folder: String, port: Int) -> PostgresOptions {
        var other = PostgresOptions(host: folder, port: port, user: options.user, prefix: options.prefix, tls: .disable)
        other.maintenanceDatabase = options.maintenanceDatabase
        other.connections = 6
        other.sweepsLeftovers = false
        return other
    }
}

extension Catalogue {
    func log() throws -> ServerLog {
        try administered { session in
            let found = try session.run(
                """
                SELECT system_identifier, current_setting('server_version_num')::integer / 10000,
                    pg_walfile_name(pg_current_wal_insert_lsn()), pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint,
                    pg_size_bytes(current_setting('wal_segment_size')), current_setting('archive_mode'),
                    last_archived_wal, (extract(epoch FROM last_archived_time) * 1000000)::bigint,
                    (extract(epoch FROM CASE WHEN last_archived_time IS NULL OR last_failed_time > last_archived_time THEN last_failed_time END) * 1000000)::bigint,
                    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
                FROM pg_control_system(), pg_stat_archiver
                """
            ).rows.first
            guard let row = found else { throw StorageError.failed("PostgreSQL says nothing of its log") }
            let segment: String = try row.get(2)
            let limits = try session.run(
                """
                SELECT name, setting::integer FROM pg_settings WHERE name IN ('max_connections', 'max_worker_processes', 'max_wal_senders',
                    'max_prepared_transactions', 'max_locks_per_transaction')
                """
            ).rows.map { (try $0.get(0, as: String.self), try $0.get(1, as: Int.self)) }
            let last: String? = try row.get(6)
            return ServerLog(
                system: UInt64(bitPattern: try row.get(0, as: Int64.self)), majorVersion: String(try row.get(1, as: Int.self)),
                timeline: UInt32(segment.prefix(8), radix: 16) ?? 1, position: UInt64(clamping: try row.get(3, as: Int64.self)),
                segmentSize: UInt64(clamping: try row.get(4, as: Int64.self)), isArchived: try row.get(5, as: String.self) != "off",
                archived: last.flatMap { $0.isEmpty ? nil : $0 },
                archivedAt: try row.get(7, as: Int64?.self).map { Instant(microseconds: $0) },
                refusedAt: try row.get(8, as: Int64?.self).map { Instant(microseconds: $0) },
                now: Instant(microseconds: try row.get(9, as: Int64.self)),
                limits: Dictionary(limits) { first, _ in first })
        }
    }

    func mark() throws {
        try administered { session in
            session.queue("BEGIN")
            _ = try session.run("SELECT pg_current_xact_id()::text")
            switch session.commit() {
            case .committed: return
            case .refused(let error): throw error.storageError
            case .inDoubt: throw StorageError.inDoubt
            }
        }
    }

    func replay() throws -> ServerReplay {
        try administered { session in
            let row = try session.run(
                """
                SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN pg_get_wal_replay_pause_state() = 'paused' ELSE false END,
                    pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint
                """
            ).rows.first
            guard let row else { throw StorageError.failed("PostgreSQL doesn't say how far it is") }
            return ServerReplay(
                isReading: try row.get(0), isPaused: try row.get(1),
                position: try row.get(2, as: Int64?.self).map { UInt64(clamping: $0) })
        }
    }

    func number(of database: String) throws -> UInt32? {
        try administered { session in
            try session.run("SELECT oid::bigint FROM pg_database WHERE datname = \(database)").rows.first.map {
                UInt32(clamping: try $0.get(0, as: Int64.self))
            }
        }
    }
}
