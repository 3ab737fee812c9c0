import Storage
import Vocabulary

/// A customer of the vendor.
package struct Tenant: Sendable, Hashable, Identifiable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case creating
        case active
    }

    package let id: TenantID
    /// Unique; the label of its production host.
    package let slug: String
    package let name: String
    package let edition: Edition.Name
    package let region: Region.Name
    package let state: State
    package let createdAt: Instant

    package init(id: TenantID, slug: String, name: String, edition: Edition.Name, region: Region.Name, state: State, createdAt: Instant) {
        self.id = id
        self.slug = slug
        self.name = name
        self.edition = edition
        self.region = region
        self.state = state
        self.createdAt = createdAt
    }
}

extension Tenant {
    static func list(_ condition: SQL, in reader: any Reader) throws -> [Tenant] {
        try reader.rows("SELECT id, slug, name, edition, region, state, created_at FROM tenant WHERE \(condition)").map { row in
            Tenant(
                id: try row.get(0), slug: try row.get(1), name: try row.get(2), edition: try row.get(3), region: try row.get(4),
                state: try row.name(5), createdAt: try row.get(6))
        }
    }

    static func find(_ condition: SQL, in reader: any Reader) throws -> Tenant? { try list(condition, in: reader).first }

    func insert(in transaction: any Transaction) throws {
        try transaction.run(
            """
            INSERT INTO tenant (id, slug, name, edition, region, state, created_at)
            VALUES (\(id), \(slug), \(name), \(edition), \(region), \(state.rawValue), \(createdAt))
            """)
    }
}

extension Row {
    func name<T: RawRepresentable<String>>(_ index: Int, as: T.Type = T.self) throws -> T {
        guard let value = T(rawValue: try get(index)) else { throw StorageError.unexpectedColumn("\(index) as \(T.self)") }
        return value
    }
}
