import Crypto
import Storage
import Synchronization
import Vocabulary

/// Databases come and go: made from a template under a scratch name, published by a rename, so that each is there whole or not at all.
///
/// Every step runs on the one thread that the engine has for it, on one connection to the maintenance database.
final class Catalogue: Sendable {
    private let connector: Connector
    private let session = Mutex<Session?>(nil)

    init(_ connector: Connector) { self.connector = connector }

    private var prefix: String { connector.options.prefix.text }

    /// `holdfast_control`, `holdfast_env_0199…`
    func databaseName(_ name: DatabaseName) -> String {
        let words = name.description.lowercased().split(separator: "/")
        let place = words.first == "environment" ? "env_" + words.dropFirst().joined().filter { $0 != "-" } : words.joined(separator: "_")
        return "\(prefix)_\(place)"
    }

    func close() { session.withLock { $0 = nil } }

    /// Looks at the server before anything else is done with it, and removes what interrupted creations left.
    /// - Throws: ``StorageError`` `.unsafeEngine` for a server or a role that is not to be used, ``ServerAway`` where it may be worth waiting.
    func check() throws {
        try administered(isStart: true) { session in
            try ServerVersion.check(session.serverVersion)
            guard let role = try session.run("SELECT rolsuper, rolcreatedb, rolname FROM pg_roles WHERE rolname = current_user").rows.first
            else {
                throw StorageError.failed("PostgreSQL doesn't say who we are")
            }
            let name: String = try role.get(2)
            guard try !role.get(0, as: Bool.self) else {
                throw StorageError.unsafeEngine(
                    "The role \"\(name)\" is a superuser of PostgreSQL. Give one that may only make databases: CREATE ROLE holdfast LOGIN CREATEDB."
                )
            }
            guard try role.get(1, as: Bool.self) else {
                throw StorageError.unsafeEngine("The role \"\(name)\" may not make databases. Let it: ALTER ROLE \"\(name)\" CREATEDB.")
            }
            if connector.options.sweepsLeftovers { try sweep(session) }
        }
    }

    func exists(_ name: DatabaseName) throws -> Bool {
        try administered { try exists(databaseName(name), $0) }
    }

    private func exists(_ database: String, _ session: Session) throws -> Bool {
        // A removal that was interrupted leaves a row that nobody can connect to.
        try !session.run("SELECT 1 FROM pg_database WHERE datname = \(database) AND datconnlimit <> -2").rows.isEmpty
    }

    func remove(_ name: DatabaseName) throws {
        try administered { try $0.administer("DROP DATABASE \(identifier(databaseName(name))) WITH (FORCE)") }
    }

    /// Makes a database with `schema`, fills it, and publishes it.
    func create(_ name: DatabaseName, schema: Schema, fill: (Session) throws -> Void) throws {
        let database = databaseName(name)
        try administered { session in
            guard try !exists(database, session) else { throw StorageError.exists }
            for attempt in 0... {
                do {
                    let template = try template(for: schema, session)
                    try build(session, from: "TEMPLATE \(identifier(template)) STRATEGY WAL_LOG", as: database, isOpen: true, fill: fill)
                    return
                } catch let error as ServerError where error.state == "3D000" && attempt < 3 {
                    // Another node has a newer schema, and has just removed the older one's template.
                } catch let error as ServerError where error.state == "42P04" || error.constraint == "pg_database_datname_index" {
                    // Made before, or by another node at the very same moment.
                    throw StorageError.exists
                }
            }
        }
    }

    // MARK: Templates

    /// The database with `schema` and nothing else, made where there is none yet.
    private func template(for schema: Schema, _ session: Session) throws -> String {
        let shared = connector.options.sharedTemplates
        let family = "\(shared?.text ?? prefix)_template_\(Self.digest(schema.name).prefix(8))_"
        let template = family + Self.digest(schema).prefix(16)
        if try exists(template, session) { return template }
        return try locked(template, session) {
            if try exists(template, session) { return template }
            try makeTemplate(template, schema, session)
            if shared != nil { return template }
            let old = try session.run("SELECT datname FROM pg_database WHERE starts_with(datname, \(family)) AND datname <> \(template)")
                .rows
            for row in old { try? session.administer("DROP DATABASE IF EXISTS \(identifier(try row.get(0)))") }
            return template
        }
    }

    private func makeTemplate(_ template: String, _ schema: Schema, _ session: Session) throws {
        // Text is compared by its bytes, as the embedded engine does; upper and lower case follow Unicode.
        let base: SQL = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE"
        let spellings: [SQL] = ["'C.UTF-8'", "'C.utf8'", "'en_US.UTF-8'"]
        for (index, locale) in spellings.enumerated() {
            do {
                try build(session, from: "\(base) \(locale)", as: template, isOpen: false) { scratch in
                    try PostgresEngine.alone(scratch) { try Migrator(schema: schema).build($0) }
                }
                return
            } catch let error as ServerError where error.state.hasPrefix("22") || error.state == "42809" {
                // No such locale on the server's system.
                guard index < spellings.count - 1 else { throw error }
            }
        }
    }

    private static func digest(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func digest(_ schema: Schema) -> String {
        var text = "layout 1\n"
        for statement in Migrator.foundation(.postgres) { text += statement.text(.postgres) + "\n" }
        for migration in schema.migrations {
            text += "-- \(migration.name)\n"
            for statement in migration.statements(.postgres) {
                text += statement.text(.postgres) + "\n"
                for case .bind(let value) in statement.parts { text += "\(value)\n" }
            }
        }
        return digest(text)
    }

    // MARK: Scratch names

    private var scratchPrefix: String { "\(prefix)_new_" }

    /// Makes a database under a scratch name, fills it and gives it its name.
    private func build(_ session: Session, from source: SQL, as database: String, isOpen: Bool, fill: (Session) throws -> Void) throws {
        let (high, low) = SystemEntropy().words()
        let scratch = scratchPrefix + String(high, radix: 36) + String(low & 0xFFFF_FFFF, radix: 36)
        // Held by whoever builds: a scratch database without its lock is a leftover.
        try locked(scratch, session) {
            do {
                try session.administer("CREATE DATABASE \(identifier(scratch)) \(source)")
                try fillAndLeave(scratch, fill)
                try waitUntilLeft(scratch, session)
                try session.administer("REVOKE ALL ON DATABASE \(identifier(scratch)) FROM PUBLIC")
                if !isOpen { try session.administer("ALTER DATABASE \(identifier(scratch)) ALLOW_CONNECTIONS false") }
                try session.administer("ALTER DATABASE \(identifier(scratch)) RENAME TO \(identifier(database))")
            } catch {
                if !session.isLost { try? session.administer("DROP DATABASE IF EXISTS \(identifier(scratch)) WITH (FORCE)") }
                throw error
            }
        }
    }

    private func fillAndLeave(_ scratch: String, _ fill: (Session) throws -> Void) throws {
        let session = try connector.connect(scratch, patience: connector.options.reconnecting)
        try fill(session)
    }

    /// A rename meets a server process that is about to end, and would wait a tenth of a second for it.
    private func waitUntilLeft(_ scratch: String, _ session: Session) throws {
        for _ in 0..<200 {
            if try session.run("SELECT 1 FROM pg_stat_activity WHERE datname = \(scratch)").rows.isEmpty { return }
            _ = try session.run("SELECT pg_sleep(0.001)")
        }
    }

    private func sweep(_ session: Session) throws {
        let names = try session.run(
            """
            SELECT datname FROM pg_database
            WHERE (starts_with(datname, \(scratchPrefix)) OR starts_with(datname, \(prefix + "_")) AND datconnlimit = -2)
                AND pg_has_role(current_user, datdba, 'MEMBER')
            """
        ).rows.map { try $0.get(0, as: String.self) }
        for name in names {
            guard try session.run("SELECT pg_try_advisory_lock(\(Self.lockNumber(name)))").rows.first?.get(0) == true else { continue }
            defer { _ = try? session.run("SELECT pg_advisory_unlock(\(Self.lockNumber(name)))") }
            try session.administer("DROP DATABASE IF EXISTS \(identifier(name)) WITH (FORCE)")
        }
    }

    private func locked<T>(_ name: String, _ session: Session, _ body: () throws -> T) throws -> T {
        let number = Self.lockNumber(name)
        _ = try session.run("SELECT pg_advisory_lock(\(number))")
        defer { if !session.isLost { _ = try? session.run("SELECT pg_advisory_unlock(\(number))") } }
        return try body()
    }

    private static func lockNumber(_ name: String) -> Int64 {
        SHA256.hash(data: Array(name.utf8)).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }

    private func identifier(_ name: String) -> SQLName { SQLName(name) ?? "invalid_name" }

    // MARK: The connection

    /// Lends the connection to the maintenance database; a new one where the last has broken.
    func administered<T>(isStart: Bool = false, _ body: (Session) throws -> T) throws -> T {
        try session.withLock { kept in
            if let session = kept, !session.isAtRest() { kept = nil }
            do {
                let session = try kept ?? connector.connect(connector.options.maintenanceDatabase, patience: connector.options.reconnecting)
                kept = session
                return try body(session)
            } catch let error as ServerError {
                // Whoever starts a server wants to read why it can't; a caller only has to come again.
                if isStart, error.isPassing { throw ServerAway(reason: error.message) }
                throw error.state == "3D000" && kept == nil
                    ? StorageError.failed(
                        "There is no database \"\(connector.options.maintenanceDatabase)\" to connect to for making others.")
                    : error.storageError
            }
        }
    }
}
