import Foundation
import Storage
import Vocabulary

/// An engine that goes wrong in one way, to see a probe notice.
struct SpoiledEngine: Engine {
    enum Fault: Sendable {
        /// Writes every bound value to a file, like a forgotten debugging aid.
        case leaks(String)
        /// Lets changes through although their log entry was not written.
        case forgetsAudit
    }

    let engine: any Engine
    let fault: Fault

    var dialect: Dialect { engine.dialect }

    func create(
        _ name: DatabaseName, key: Secret, schema: Schema, populate: @escaping @Sendable (any Transaction) throws -> Void
    ) async throws {
        try await engine.create(name, key: key, schema: schema, populate: populate)
    }

    func open(_ name: DatabaseName, schema: Schema, key: @escaping @Sendable () throws -> Secret) async throws -> any Database {
        SpoiledDatabase(database: try await engine.open(name, schema: schema, key: key), fault: fault)
    }

    func exists(_ name: DatabaseName) async throws -> Bool { try await engine.exists(name) }
    func destroy(_ name: DatabaseName) async throws { try await engine.destroy(name) }
    func shutdown() async { await engine.shutdown() }
}

private struct SpoiledDatabase: Database {
    let database: any Database
    let fault: SpoiledEngine.Fault

    var name: DatabaseName { database.name }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> T) async throws -> T { try await database.read(body) }

    func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        try await database.write { try body(SpoiledTransaction(transaction: $0, fault: fault)) }
    }

    func position() async throws -> CommitPosition { try await database.position() }
}

private struct SpoiledTransaction: Transaction {
    let transaction: any Transaction
    let fault: SpoiledEngine.Fault

    var dialect: Dialect { transaction.dialect }

    func each(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        if case .forgetsAudit = fault, speaksOfAudit(sql) {
            return try body(Row(columns: .init(names: ["size", "hashes"]), values: [.integer(0), .blob([])]))
        }
        try transaction.each(sql, body)
    }

    func run(_ sql: SQL) throws -> Int {
        switch fault {
        case .forgetsAudit:
            if speaksOfAudit(sql),
                !sql.parts.contains(where: { if case .literal(let text) = $0 { "\(text)".contains("RENAME") } else { false } })
            {
                return 1
            }
        case .leaks(let path):
            let values = sql.parts.compactMap { if case .bind(.text(let text)) = $0 { text } else { nil } }
            let line = Data(Data(values.joined(separator: " ").utf8).base64EncodedString().utf8)
            _ = FileManager.default.createFile(atPath: path, contents: (FileManager.default.contents(atPath: path) ?? Data()) + line)
        }
        return try transaction.run(sql)
    }

    private func speaksOfAudit(_ sql: SQL) -> Bool {
        sql.parts.contains { if case .literal(let text) = $0 { "\(text)".contains("audit_") } else { false } }
    }
}
