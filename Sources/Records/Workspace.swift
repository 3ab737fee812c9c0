// Records: what a customer keeps.
//
// It promises that collections and records are data in the environment's own database; that a record which stands there is valid
// for its collection; that every change keeps the version before it and its audit event in the same transaction; that nobody
// sees or does more than the roles say; and that import and export never hold a whole file. It refuses to know accounts,
// HTTP, and which engine stores it.
import Audit
import Jobs
import Storage
import Vocabulary

/// One environment's collections, records, roles, imports and exports: the way in for pages and API.
///
/// A value, cheap to make for each request. `designs` is shared by all workspaces of a process.
package struct Workspace: Sendable {
    package let database: any Database
    package let clock: any Clock
    package let entropy: any Entropy
    package let audit: AuditLog
    package let designs: DesignCache
    package let operations: Operations

    /// - Parameter board: the process's own, which tells watchers about progress; nil where nobody watches.
    package init(
        database: any Database, clock: any Clock, entropy: any Entropy, audit: AuditLog, designs: DesignCache, board: OperationBoard? = nil
    ) {
        self.database = database
        self.clock = clock
        self.entropy = entropy
        self.audit = audit
        self.designs = designs
        operations = Operations(
            database: database, clock: clock, entropy: entropy, board: board ?? OperationBoard(entropy: entropy, clock: clock))
    }

    /// Put these into the environment's schema, after `AuditLog.migrations` and `Operations.migrations`.
    package static var migrations: [Migration] {
        Design.migrations + Records.migrations + Roles.migrations + IdempotencyKeys.migrations + Imports.migrations
            + Handovers.migrations
    }

    package var collections: Collections { Collections(workspace: self) }
    package var records: Records { Records(workspace: self) }
    package var history: RecordVersions { RecordVersions(workspace: self) }
    package var roles: Roles { Roles(workspace: self) }
    package var handovers: Handovers { Handovers(workspace: self) }
    package var imports: Imports { Imports(workspace: self) }
    package var exports: Exports { Exports(workspace: self) }
}

extension Workspace {
    /// Reads in one snapshot, together with the design that belongs to it.
    func read<T: Sendable>(by actor: Actor, _ body: @escaping @Sendable (any Reader, Design) throws -> T) async throws -> T {
        try await auditingRefusals(by: actor) {
            try await database.read { [designs, name = database.name] reader in
                try body(reader, try designs.current(in: reader, of: name))
            }
        }
    }

    func write<T: Sendable>(by actor: Actor, _ body: @escaping @Sendable (any Transaction, Design) throws -> T) async throws -> T {
        try await auditingRefusals(by: actor) {
            try await database.write { [designs, name = database.name] transaction in
                try body(transaction, try designs.current(in: transaction, of: name))
            }
        }
    }

    /// The refused transaction is gone, so the event of its refusal has one of its own.
    private func auditingRefusals<T: Sendable>(by actor: Actor, _ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let refused as AccessRefused {
            let event = AuditEvent.accessRefused(permission: refused.permission.rawValue, collection: refused.collection)
            let now = clock.now()
            try await database.write { [audit] in try audit.record(event, by: actor.principal, at: now, in: $0) }
            throw refused.refusal
        }
    }
}
