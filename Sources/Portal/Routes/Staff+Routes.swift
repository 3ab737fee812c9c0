import Hummingbird
import Identity
import Vocabulary
import Web

/// The vendor's people and what they may act on: the console's page, and the one that customers see.
extension Portal {
    func addStaff(to router: Router<HoldfastContext>) {
        page("/staff", on: router) { try await $0.showStaff() }
        action("/staff", on: router) { visit, form in
            try visit.requireOperatorNow()
            do {
                let address = try form.require("address")
                guard let account = try await parts.accounts.find(identifier: address) else {
                    throw Refusal.invalid("no-account", "Nobody has an account with this address.", field: "address")
                }
                if form["role"] == StaffAccess.Role.operates.rawValue {
                    try await parts.desk.staff.appoint(account.id, by: visit.principal)
                } else {
                    try await parts.desk.staff.give(.sandbox, as: .supports, to: account.id, by: visit.principal)
                }
                return try visit.go("/staff", Notice(.done, "\(account.displayName) belongs to the staff. Choose what they may act on."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showStaff(address: form["address"] ?? "", role: form["role"] ?? "", refusal: refusal)
            }
        }
        action("/staff/{account}", on: router) { visit, form in
            try visit.requireOperatorNow()
            let account: AccountID = try visit.context.id("account", what: "person")
            do {
                let present = try await parts.desk.staff.access().filter { $0.account == account }
                let isOperator = try await parts.desk.staff.isOperator(account)
                let wanted = Set(form.values("kind").compactMap { StaffAccess.Kind(rawValue: $0) })
                for kind in StaffAccess.Kind.allCases {
                    let has = present.contains { $0.kind == kind }
                    if wanted.contains(kind), !has {
                        try await parts.desk.staff.give(kind, as: isOperator ? .operates : .supports, to: account, by: visit.principal)
                    } else if !wanted.contains(kind), has {
                        try await parts.desk.staff.take(kind, from: account, by: visit.principal)
                    }
                }
                return try visit.go("/staff", Notice(.done, "Saved. It holds from now on, and customers see it."))
            } catch let refusal as Refusal where refusal.belongsToForm || refusal.kind == .forbidden {
                return try await visit.showStaff(problem: refusal)
            }
        }
        action("/staff/{account}/dismissal", on: router) { visit, _ in
            try visit.requireOperatorNow()
            let account: AccountID = try visit.context.id("account", what: "person")
            do {
                try await parts.desk.staff.dismiss(account, by: visit.principal)
                return try visit.go("/staff", Notice(.done, "They are no operator any more, and have access to nothing."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showStaff(problem: refusal)
            }
        }
    }

    func addVendor(to router: Router<HoldfastContext>) {
        room("/vendor", on: router) { room in try await room.showVendor() }
    }
}

extension Visit {
    fileprivate func requireOperatorNow() throws {
        try requireOperator()
        try context.requireRecentProof()
    }

    fileprivate func showStaff(
        address: String = "", role: String = "support", refusal: Refusal? = nil, problem: Refusal? = nil
    ) async throws -> Response {
        try requireOperator()
        let access = try await parts.desk.staff.access()
        let operators = try await parts.desk.staff.list()
        let supporters = try await parts.accounts.find(access.map(\.account)).values.filter { one in !operators.contains { $0.id == one.id }
        }
        let people = (operators + supporters.sorted { $0.identifier < $1.identifier }).map { person in
            let isOperator = operators.contains { $0.id == person.id }
            let isYou = person.id == account.id
            return StaffPage.Person(
                name: person.displayName, identifier: person.identifier,
                role: !person.isActive ? Pill("Disabled", .bad) : isOperator ? Pill("Operator", .info) : Pill("Support"), isYou: isYou,
                action: "/staff/\(person.id)",
                kinds: StaffAccess.Kind.allCases.map { kind in
                    FormField(
                        "kind", kind.rawValue.prefix(1).uppercased() + kind.rawValue.dropFirst(), .checkbox,
                        value: access.contains { $0.account == person.id && $0.kind == kind } ? "on" : "", isDisabled: isYou,
                        id: "\(kind.rawValue)-\(person.id)", tick: kind.rawValue)
                }, dismissal: isOperator && !isYou ? "/staff/\(person.id)/dismissal" : nil)
        }
        let add = Sheet(
            action: "/staff", button: "Add to the staff",
            fields: [
                FormField(
                    "address", "Address of their account", .email, value: address,
                    hint: "They need an account first.", isRequired: true, autocomplete: "off"),
                FormField(
                    "role", "As",
                    .radio([
                        .init("support", "Support", hint: "Helps customers. Begins with sandboxes."),
                        .init("operator", "Operator", hint: "Runs the platform. Begins with tests and sandboxes, as far as you have them."),
                    ]), value: role),
            ], refusal: refusal)
        let page = StaffPage(people: people, handful: StaffAccess.handful, add: add, refusal: problem?.message)
        guard let failed = refusal ?? problem else { return try show(page, current: "Staff") }
        return try show(page, current: "Staff", after: failed)
    }

    /// Refuses an operator who may not act on a kind of environment.
    func requireReach(to kind: String) async throws {
        guard let kind = StaffAccess.Kind(rawValue: kind) else { return }
        try await parts.desk.staff.requireReach(to: kind, principal)
    }
}

extension Room {
    fileprivate func showVendor() async throws -> Response {
        if !may(.managePeople) { try await workspace.roles.require(.viewAudit, by: actor) }
        let access = try await parts.desk.staff.access()
        let listed = try await parts.tenants.environments(of: tenant.id).map { place in
            VendorPage.Environment(
                id: "h-\(place.label)", host: visit.host(of: place.label), kind: place.kind.pill,
                people: access.filter { $0.kind.rawValue == place.kind.rawValue }.map { one in
                    .init(
                        name: one.name,
                        said: one.role == .operates
                            ? "Operator: may move it, and take it out of service" : "Support: may be asked for help",
                        since: Moment(one.since))
                })
        }
        return try show(VendorPage(product: parts.product, environments: listed), current: "People")
    }
}
