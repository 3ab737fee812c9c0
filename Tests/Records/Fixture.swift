import Audit
import Jobs
import Records
import Storage
import TestSupport
import Vocabulary

/// One environment with people of every role, in a directory of its own.
struct Fixture: Sendable {
    let engine: TestEngine
    let clock = ManualClock()
    let entropy = SeededEntropy(seed: 7)
    let workspace: Workspace

    let owner = Actor(principal: Principal(.account(id("01"))), roles: [Role.owner])
    let administrator = Actor(principal: Principal(.account(id("02"))), roles: [Role.administrator])
    let editor = Actor(principal: Principal(.account(id("03"))), roles: [Role.editor])
    let reader = Actor(principal: Principal(.account(id("04"))), roles: [Role.reader])
    let stranger = Actor(principal: Principal(.account(id("05"))), roles: [])

    static let schema = Schema(name: "environment", AuditLog.migrations, Operations.migrations, Workspace.migrations)

    init() async throws {
        engine = try await TestEngine()
        workspace = Workspace(
            database: try await engine.database(schema: Self.schema), clock: clock, entropy: entropy, audit: AuditLog(),
            designs: DesignCache(),
            board: OperationBoard(entropy: entropy, clock: clock))
    }

    /// Another environment on the same engine, with a cache and key material of its own.
    func neighbour() async throws -> Workspace {
        Workspace(
            database: try await engine.database(schema: Self.schema), clock: clock, entropy: entropy, audit: AuditLog(),
            designs: workspace.designs, board: OperationBoard(entropy: entropy, clock: clock))
    }

    /// The same database, as the next run of the program sees it.
    func restarted() -> Workspace {
        Workspace(
            database: workspace.database, clock: clock, entropy: entropy, audit: AuditLog(), designs: DesignCache(),
            board: OperationBoard(entropy: entropy, clock: clock))
    }

    /// Flights with a field of every type that compares.
    @discardableResult
    func flights(in workspace: Workspace? = nil) async throws -> Collection {
        let workspace = workspace ?? self.workspace
        let carriers = try await workspace.collections.create(
            CollectionDraft(
                slug: "carriers", name: "Carriers", singular: "carrier", fields: [FieldDraft(key: "name", type: .text, unique: true)]),
            by: owner)
        return try await workspace.collections.create(
            CollectionDraft(
                slug: "flights", name: "Flights", singular: "flight",
                fields: [
                    FieldDraft(key: "number", label: "Number", type: .text, required: true, unique: true),
                    FieldDraft(key: "distance", label: "Distance", type: .number, indexed: true),
                    FieldDraft(key: "cancelled", label: "Cancelled", type: .boolean),
                    FieldDraft(key: "day", label: "Day", type: .date, indexed: true),
                    FieldDraft(key: "departed", label: "Departed", type: .dateTime),
                    FieldDraft(key: "origin", label: "Origin", type: .choice(["JFK", "LGA", "EWR"])),
                    FieldDraft(key: "carrier", label: "Carrier", type: .reference(carriers.id)),
                    FieldDraft(key: "remark", label: "Remark", type: .longText),
                    FieldDraft(key: "extra", label: "Extra", type: .json),
                ]),
            by: owner)
    }

    func refusal<T>(_ body: () async throws -> T) async -> Refusal? {
        do {
            _ = try await body()
            return nil
        } catch let refusal as Refusal {
            return refusal
        } catch {
            return Refusal(.unsupported, "unexpected", "\(error)")
        }
    }

    func events() async throws -> [String] {
        try await workspace.database.read { try $0.rows("SELECT event FROM audit_entry ORDER BY seq").map { try $0.get(0) } }
    }
}

private func id(_ digits: String) -> AccountID {
    AccountID("00000000-0000-7000-8000-0000000000\(digits)") ?? AccountID(at: Instant(seconds: 0), entropy: SeededEntropy(seed: 1))
}
