import Audit
import Records
import Sealing
import Storage
import StorageSQLite
import Vocabulary

/// The database in an own copy: what is in it besides the environment's own rows, and how it is put together.
package struct OwnCopyFile: Sendable {
    /// What `_about` says of the format.
    package static let format = "holdfast-own-copy"
    package static let version = 1

    /// Somebody who belongs to the tenant.
    package struct Member: Sendable {
        let account: String
        let name: String
        let address: String
        let roles: String
        let joined: String
        let suspended: String?

        package init(account: String, name: String, address: String, roles: String, joined: String, suspended: String?) {
            (self.account, self.name, self.address) = (account, name, address)
            (self.roles, self.joined, self.suspended) = (roles, joined, suspended)
        }
    }

    package let file: PlainFile
    package let inventory: Inventory

    /// Reads `database` in one snapshot.
    ///
    /// - Parameters:
    ///   - path: a free name on a disk with room; nothing is left there.
    ///   - facts: what else `_about` says, in this order.
    ///   - counting: called now and then with the number of rows so far; what it throws breaks off.
    package static func make(
        of database: any Database, at path: String, pagesMax: Int? = nil, facts: [(String, String)], members: [Member],
        entropy: any Entropy, counting: @escaping @Sendable (Int) throws -> Void
    ) async throws -> OwnCopyFile {
        let facts = facts.map { [Value.text($0.0), .text($0.1)] }
        return try await database.read { reader in
            // A read may be begun again elsewhere, and then so is the file.
            _ = try AuditLog.head(in: reader)
            let file = try PlainFile(at: path, pagesMax: pagesMax, entropy: entropy)
            do {
                let inventory = try Inventory(from: reader, into: file, counting: counting)
                try file.begin(
                    PlainTable(
                        "_members",
                        [.init("account"), .init("name"), .init("address"), .init("roles"), .init("joined"), .init("suspended")]))
                for member in members {
                    try file.add([
                        .text(member.account), .text(member.name), .text(member.address), .text(member.roles), .text(member.joined),
                        member.suspended.map { .text($0) } ?? .null,
                    ])
                }
                try file.begin(PlainTable("_about", [.init("name"), .init("value")]))
                try file.add([.text("format"), .text(format)])
                try file.add([.text("format_version"), .text("\(version)")])
                for fact in facts { try file.add(fact) }
                let counts = [
                    ("commit", "\(inventory.commit)"), ("tables", "\(inventory.tables.count)"), ("records", "\(inventory.records)"),
                    ("deleted_records", "\(inventory.deleted)"), ("earlier_versions", "\(inventory.versions)"),
                    ("members", "\(members.count)"), ("audit_entries", "\(inventory.entries)"), ("audit_root", inventory.auditRoot),
                ]
                for (name, value) in counts { try file.add([.text(name), .text(value)]) }
                try file.finish()
                return OwnCopyFile(file: file, inventory: inventory)
            } catch {
                file.close()
                throw error
            }
        }
    }
}
