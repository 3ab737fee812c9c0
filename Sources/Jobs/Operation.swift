import Storage
import Vocabulary

/// Long work with progress: what a person who started it sees of it.
package struct Operation: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case queued
        case running
        case succeeded
        case failed
        case cancelled

        package var isFinal: Bool { self != .queued && self != .running }
    }

    package let id: OperationID
    /// What kind of work, kebab-case: `import`.
    package let kind: String
    package let state: State
    package let done: Int
    /// Nil while unknown.
    package let total: Int?
    /// What it does now, or why it failed, for people.
    package let message: String
    /// What came of it. Null until it succeeded.
    package let result: JSONValue
    /// Somebody asked it to stop; it ends as `cancelled` when it notices.
    package let isCancelling: Bool
    /// `account/<id>`, `client/<id>`, `shell/<user>` or `platform/<component>`.
    package let startedBy: String
    package let createdAt: Instant
    package let finishedAt: Instant?

    /// 0…1, or nil while the total is unknown.
    package var fraction: Double? {
        guard let total, total > 0 else { return nil }
        return min(1, Double(done) / Double(total))
    }

    package func wasStarted(by principal: Principal) -> Bool { startedBy == Self.starter(principal) }

    static func starter(_ principal: Principal) -> String {
        switch principal.kind {
        case .account(let id): "account/\(id)"
        case .client(let id): "client/\(id)"
        case .shell(let user): "shell/\(user)"
        case .platform(let component): "platform/\(component)"
        case .anonymous: "anonymous"
        }
    }
}

extension Operation {
    static let columns: SQL = "id, kind, state, done, total, message, result, cancelling, started_by, created_at, finished_at"

    init(_ row: Row) throws {
        guard let state = State(rawValue: try row.get(2)) else { throw StorageError.unexpectedColumn("operation.state") }
        let result: String? = try row.get(6)
        self.init(
            id: try row.get(0), kind: try row.get(1), state: state, done: try row.get(3), total: try row.get(4), message: try row.get(5),
            result: try result.map { try JSONReader.read($0.utf8) } ?? .null, isCancelling: try row.get(7), startedBy: try row.get(8),
            createdAt: try row.get(9), finishedAt: try row.get(10))
    }
}
