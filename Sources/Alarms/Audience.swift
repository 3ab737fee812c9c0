import Identity
import Storage
import Vocabulary

/// Who is told of an alarm.
struct Audience: Sendable, Hashable {
    /// Addresses of mail, each once.
    var addresses: [String] = []
    var webhooks: [AlarmRouteID] = []
    /// Whether the other side is told too, because on this one nobody is left but the one who did it.
    var isShared = false

    /// The vendor's operators or the customer's owners and administrators, and every route of that side. Nobody is the only one
    /// who hears of what they did themselves: the vendor hears of what a customer's last administrator does, the customers of what the last operator does.
    ///
    /// - Parameter concerned: who did it and to whom it was done: one whom they make an administrator is no witness.
    static func find(_ side: AlarmSide, _ severity: AlarmSeverity, concerned: [AccountID], in reader: any Reader) throws -> Audience {
        var audience = try own(side, severity, in: reader)
        let theirs = Set(try concerned.compactMap { try Accounts.find($0, in: reader)?.identifier })
        guard audience.webhooks.isEmpty, audience.addresses.allSatisfy(theirs.contains) else { return audience }
        audience.isShared = true
        for other in try others(than: side, in: reader) {
            let found = try own(other, severity, in: reader)
            audience.addresses += found.addresses
            audience.webhooks += found.webhooks
        }
        audience.addresses = audience.addresses.uniqued()
        return audience
    }

    private static func own(_ side: AlarmSide, _ severity: AlarmSeverity, in reader: any Reader) throws -> Audience {
        let routes = try AlarmRoute.all(of: side, in: reader).filter { $0.threshold <= severity }
        let people: [String]
        switch side {
        case .vendor: people = try Staff.addresses(in: reader)
        case .tenant(let tenant): people = try administrators(of: tenant, in: reader)
        }
        let mailboxes = routes.filter { $0.kind == .mail }.map(\.target)
        return Audience(addresses: (people + mailboxes).uniqued(), webhooks: routes.filter { $0.kind == .webhook }.map(\.id))
    }

    private static func others(than side: AlarmSide, in reader: any Reader) throws -> [AlarmSide] {
        guard side == .vendor else { return [.vendor] }
        return try reader.rows("SELECT id FROM tenant ORDER BY id").map { .tenant(try $0.get(0)) }
    }

    private static func administrators(of tenant: TenantID, in reader: any Reader) throws -> [String] {
        try reader.rows(
            """
            SELECT DISTINCT account.identifier FROM membership
            JOIN membership_role ON membership_role.membership = membership.id JOIN account ON account.id = membership.account
            WHERE membership.tenant = \(tenant) AND account.state = 'active' AND membership.suspended_at IS NULL
                AND membership_role.role IN ('owner', 'administrator')
            ORDER BY 1
            """
        ).map { try $0.get(0) }
    }

    static func hasOperator(besides account: AccountID, _ reader: any Reader) throws -> Bool {
        try reader.row("SELECT 1 FROM staff WHERE account <> \(account) LIMIT 1") != nil
    }

    static func hasAdministrator(of tenant: TenantID, besides account: AccountID, _ reader: any Reader) throws -> Bool {
        try reader.row(
            """
            SELECT 1 FROM membership JOIN membership_role ON membership_role.membership = membership.id
            WHERE membership.tenant = \(tenant) AND membership.account <> \(account) AND membership.suspended_at IS NULL
                AND membership_role.role IN ('owner', 'administrator') LIMIT 1
            """) != nil
    }
}

extension Array where Element: Hashable {
    /// Each once, where it came first.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
