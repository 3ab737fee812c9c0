import Vocabulary

/// Inviting people, one or many.
package struct InvitePage: Page {
    package let template = "invite"
    package let title = "Invite"
    package let crumbs = [Link("People", "/people")]
    let head = Head(
        "Invite people", lead: "Each gets a link by mail, which works once, for that address only. Whoever has an account joins with it.")
    let problems: Sheet.Problems?
    let addresses: FormField
    let roles: [FormField]
    let days: FormField
    let columns = PermissionColumn.all
    /// The matrix of permissions beside those of roles; empty where the visitor can't give any.
    let extra: [RolePage.Row]
    let isOpen: Bool

    package init(addresses: FormField, roles: [FormField], days: FormField, extra: [RolePage.Row], isOpen: Bool, refusal: Refusal? = nil) {
        self.addresses = addresses
        self.roles = roles
        self.days = days
        self.extra = extra
        self.isOpen = isOpen
        problems = refusal.map { .init(general: $0.fields.isEmpty ? [$0.message] : $0.fields.map(\.message), fields: []) }
    }
}

/// What became of each line of a list of addresses.
package struct InvitedPage: Page {
    package struct Line: Sendable {
        let number: Int
        let address: String
        let said: String
        let state: Pill

        package init(number: Int, address: String, said: String, isGood: Bool) {
            self.number = number
            self.address = address
            self.said = said
            state = isGood ? Pill("Invited", .good) : Pill("Not invited", .bad)
        }
    }

    package let template = "invited"
    package let title = "Invited"
    package let crumbs = [Link("People", "/people")]
    let head: Head
    let lines: [Line]

    package init(invited: Int, lines: [Line]) {
        head = Head(
            "\(Numeral.text(invited)) of \(Numeral.count(lines.count, "person", "people")) invited",
            lead: invited == lines.count
                ? "Everybody on the list gets a mail now." : "Those that went wrong come first. Nothing was sent to them.",
            actions: [.init("Invite more", "/people/invite"), .init("To the people", "/people", isPrimary: true)])
        self.lines = lines.filter { $0.state.tone == "bad" } + lines.filter { $0.state.tone != "bad" }
    }
}
