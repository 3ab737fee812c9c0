import Audit
import Records
import Storage
import Testing
import Vocabulary

/// Everything that is a customer's, as tables that people know again.
@Suite struct InventoryTests {
    /// What arrives, by table.
    private final class Desk: TableSink {
        var tables: [PlainTable] = []
        var rows: [String: [[Value]]] = [:]

        func begin(_ table: PlainTable) throws { tables.append(table) }

        func add(_ row: [Value]) throws {
            guard let table = tables.last, row.count == table.columns.count else { throw StorageError.failed("a row of another table") }
            rows[table.name, default: []].append(row)
        }
    }

    private struct Taken: Sendable {
        let inventory: Inventory
        let tables: [PlainTable]
        let rows: [String: [[Value]]]
    }

    private func take(_ workspace: Workspace) async throws -> Taken {
        try await workspace.database.read { reader in
            let desk = Desk()
            let inventory = try Inventory(from: reader, into: desk, counting: { _ in })
            return Taken(inventory: inventory, tables: desk.tables, rows: desk.rows)
        }
    }

    @Test func `each collection is a table, each field a column of its type`() async throws {
        let fixture = try await Fixture()
        let (space, owner) = (fixture.workspace, fixture.owner)
        try await space.collections.create(
            .init(
                slug: "sea-ships", name: "Sea ships",
                fields: [
                    .init(key: "id", type: .text), .init(key: "order", type: .number), .init(key: "afloat", type: .boolean),
                    .init(key: "built", type: .date), .init(key: "papers", type: .json),
                ]), by: owner)
        let full = try await space.records.create(
            ["id": "own", "order": 9_007_199_254_740_993, "afloat": false, "built": "2026-11-22", "papers": ["a": [1, nil]]],
            in: "sea-ships", by: owner)
        _ = try await space.records.create(["order": 2.5], in: "sea-ships", by: owner)
        let taken = try await take(space)
        let table = try #require(taken.tables.first)
        #expect(table.name == "sea_ships" && table.hasKey)
        #expect(table.columns.prefix(6).map(\.name) == ["id", "id_", "order", "afloat", "built", "papers"])
        #expect(table.columns.prefix(6).map(\.type) == [.text, .text, .number, .integer, .text, .text])
        let rows = try #require(taken.rows["sea_ships"])
        #expect(
            Array(rows[0].prefix(7)) == [
                .text("\(full.id)"), .text("own"), .integer(9_007_199_254_740_993), .integer(0), .text("2026-11-22"),
                .text(#"{"a":[1,null]}"#), .integer(1),
            ])
        #expect(Array(rows[1].dropFirst().prefix(5)) == [.null, .real(2.5), .null, .null, .null])
        #expect(taken.inventory.records == 2 && taken.inventory.tables.map(\.name) == ["sea_ships"])
        #expect(taken.rows["_fields"]?.map { $0[1] } == ["id_", "order", "afloat", "built", "papers"].map { .text($0) })
    }

    @Test func `deleted records, earlier versions, roles and the log are in it too`() async throws {
        let fixture = try await Fixture()
        let (space, owner) = (fixture.workspace, fixture.owner)
        for slug in ["notes", "sunk"] {
            try await space.collections.create(.init(slug: slug, name: slug, fields: [.init(key: "name", type: .text)]), by: owner)
        }
        let kept = try await space.records.create(["name": "first"], in: "notes", by: owner)
        _ = try await space.records.change(kept.id, in: "notes", ["name": "second"], ifVersion: nil, by: owner)
        let gone = try await space.records.create(["name": "gone"], in: "notes", by: owner)
        _ = try await space.records.delete(gone.id, in: "notes", ifVersion: nil, by: owner)
        let sunk = try await space.records.create(["name": "sunk"], in: "sunk", by: owner)
        try await space.collections.delete("sunk", by: owner)
        try await space.roles.define("guest", label: "Guest", permissions: Permissions(everywhere: [.view]), by: owner)

        let taken = try await take(space)
        #expect(taken.rows["notes"]?.map { $0[1] } == [.text("second")])
        #expect(taken.rows["sunk"] == nil)
        #expect(Set(taken.rows["_deleted"]?.map { $0[0] } ?? []) == [.text("\(gone.id)"), .text("\(sunk.id)")])
        let history = try #require(taken.rows["_history"])
        #expect(history.contains { $0[0] == .text("\(kept.id)") && $0[3] == .text("created") && $0[6] == .text(#"{"name":"first"}"#) })
        #expect(taken.rows["_permissions"]?.contains([.text("guest"), .null, .text("view")]) == true)
        let head = try await space.database.read { try AuditLog.head(in: $0) }
        #expect(UInt64(taken.inventory.entries) == head.size && taken.rows["_audit"]?.count == taken.inventory.entries)
        #expect(taken.inventory.auditRoot.count == 64)
        #expect(taken.inventory.deleted == 2 && taken.inventory.versions == history.count)
        let total = try await space.database.read { try Inventory.rows(in: $0) }
        #expect(total >= taken.inventory.rows)
    }

    @Test func `names that SQLite or the file itself keep are given another form`() async throws {
        let fixture = try await Fixture()
        for slug in ["sqlite-master", "order", "audit"] {
            try await fixture.workspace.collections.create(.init(slug: slug, name: slug), by: fixture.owner)
        }
        let names = try await take(fixture.workspace).tables.map(\.name)
        #expect(Array(names.prefix(3)) == ["collection_sqlite_master", "order", "audit"])
        #expect(Set(names).count == names.count)
    }
}
