import Storage
import Vocabulary

extension Memberships {
    /// Nobody belongs to a tenant any more: memberships, invitations, sessions there and what applications hold end.
    ///
    /// Accounts stay: people may belong to others.
    package func endAll(in tenant: TenantID, by principal: Principal, in transaction: any Transaction) throws -> (
        members: Int, sessions: Int
    ) {
        let now = plane.clock.now()
        let sessions = try Sessions(plane).endAll(in: tenant, at: now, in: transaction)
        let members = try Self.all(in: tenant, reader: transaction)
        for membership in members {
            try transaction.run("DELETE FROM membership_role WHERE membership = \(membership.id)")
            try transaction.run("DELETE FROM membership WHERE id = \(membership.id)")
            try plane.audit.record(
                .membershipEnded(membership: membership.id, account: membership.account), by: principal, at: now, in: transaction)
            try plane.invalidate(.account(membership.account), in: transaction)
        }
        try transaction.run("UPDATE invitation SET state = 'withdrawn' WHERE tenant = \(tenant) AND state = 'pending'")
        return (members.count, sessions)
    }

    /// Accounts of a tenant's owners.
    package static func owners(in tenant: TenantID, reader: any Reader) throws -> [AccountID] {
        try all(in: tenant, reader: reader).filter { $0.roles.contains(.owner) }.map(\.account)
    }
}

extension IdentityDesk {
    /// A letter to some accounts, by the transaction that it tells of. Those that are gone or disabled get none.
    package func tell(_ accounts: [AccountID], _ subject: String, _ text: String, in transaction: any Transaction) throws {
        for account in accounts {
            guard let found = try Accounts.find(account, in: transaction) else { continue }
            try letters.drop(Letter(to: found.identifier, subject: subject, text: text, expiresAt: nil), transaction)
        }
    }
}
