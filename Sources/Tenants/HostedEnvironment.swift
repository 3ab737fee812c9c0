import Sealing
import Storage
import Vocabulary

/// One installation for a tenant, with its own database, key and host name.
package struct HostedEnvironment: Sendable, Hashable, Identifiable {
    package enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        case production
        case test
        case sandbox
        /// A copy of another one as it was at a moment, put beside it by a restore. It has the content of what it was made from, so it is no sandbox.
        case restored

        /// Those that are ordered; a restored one comes of a restore alone.
        package static let allCases: [Kind] = [.production, .test, .sandbox]

        /// `acme` for production, `acme-sandbox` for the others. A slug has no hyphen, so that a label has one meaning only.
        package func label(of slug: String) -> String { self == .production ? slug : "\(slug)-\(rawValue)" }
    }

    package enum State: String, Sendable, Hashable, CaseIterable {
        case creating
        case active
    }

    package let id: EnvironmentID
    package let tenant: TenantID
    package let kind: Kind
    /// First label of its host name below the apex.
    package let label: String
    package let region: Region.Name
    package let state: State
    package let createdAt: Instant
    /// Where its database lies (``Places``).
    package let place: Places.Name
    /// Which of the copies that its database ever had is in use; each has a key of its own.
    package let copy: Int
    /// Whether its tenant is leaving: then it can only be read.
    package let isLeaving: Bool

    package init(
        id: EnvironmentID, tenant: TenantID, kind: Kind, label: String, region: Region.Name, state: State, createdAt: Instant,
        place: Places.Name = Places.embedded, copy: Int = 1, isLeaving: Bool = false
    ) {
        self.id = id
        self.tenant = tenant
        self.kind = kind
        self.label = label
        self.region = region
        self.state = state
        self.createdAt = createdAt
        self.place = place
        self.copy = copy
        self.isLeaving = isLeaving
    }

    /// Who owns the key of its database.
    package var databaseKey: KeyOwner { .database(id, copy: copy) }
}

extension HostedEnvironment {
    /// Every environment that is in use, by label.
    package static func active(in reader: any Reader) throws -> [HostedEnvironment] {
        try list("state = 'active' ORDER BY label", in: reader)
    }

    static func list(_ condition: SQL, in reader: any Reader) throws -> [HostedEnvironment] {
        try reader.rows(
            "SELECT id, tenant, kind, label, region, state, created_at, place, copy, is_leaving FROM environment WHERE \(condition)"
        ).map {
            row in
            HostedEnvironment(
                id: try row.get(0), tenant: try row.get(1), kind: try row.name(2), label: try row.get(3), region: try row.get(4),
                state: try row.name(5), createdAt: try row.get(6), place: try row.get(7), copy: try row.get(8),
                isLeaving: try row.get(9, as: Int.self) == 1)
        }
    }

    func insert(in transaction: any Transaction) throws {
        try transaction.run(
            """
            INSERT INTO environment (id, tenant, kind, label, region, state, created_at, place, copy)
            VALUES (\(id), \(tenant), \(kind.rawValue), \(label), \(region), \(state.rawValue), \(createdAt), \(place), \(copy))
            """)
    }
}
