import Vocabulary

/// Members and invitations.
package struct PeoplePage: Page {
    package struct Member: Sendable {
        let name: String
        let initials: String
        let identifier: String
        let roles: [Pill]
        let seen: Moment?
        let isYou: Bool
        let isDisabled: Bool
        let address: String?
        package init(
            name: String, identifier: String, roles: [String], seen: Moment?, isYou: Bool, isDisabled: Bool = false, address: String?
        ) {
            self.name = name
            initials = Frame.initials(of: name)
            self.identifier = identifier
            self.roles = roles.map { Pill($0, $0 == "owner" ? .info : .plain) }
            self.seen = seen
            self.isYou = isYou
            self.isDisabled = isDisabled
            self.address = address
        }
    }

    package struct Invited: Sendable {
        let identifier: String
        let roles: [Pill]
        let who: String
        let at: Moment
        let until: Moment
        let withdraw: String?
        let resend: String?
        package init(
            identifier: String, roles: [String], who: String, at: Moment, until: Moment, withdraw: String?, resend: String? = nil
        ) {
            self.resend = resend
            self.identifier = identifier
            self.roles = roles.map { Pill($0) }
            self.who = who
            self.at = at
            self.until = until
            self.withdraw = withdraw
        }
    }

    package let template = "people"
    package let title = "People"
    let head: Head
    let said: String
    let members: [Member]
    let pager: Pager?
    let invitations: [Invited]

    /// `total`: how many members there are; `pager`: where not all of them are shown.
    package init(
        place: String, total: Int? = nil, members: [Member], pager: Pager? = nil, invitations: [Invited], mayInvite: Bool
    ) {
        head = Head(
            "People", lead: "Who may come into \(place), and as what.",
            actions: mayInvite
                ? [
                    .init("Unusual sign-ins", "/people/risks"), .init("Rules for passwords", "/people/rules"),
                    .init("Invite somebody", "/people/invite", icon: "plus", key: "n", isPrimary: true),
                ] : [])
        said = Numeral.count(total ?? members.count, "person", "people")
        self.members = members
        self.pager = pager
        self.invitations = invitations
    }
}

/// One member's roles, and the way out.
package struct MemberPage: Page {
    package struct Removal: Sendable {
        let text: String
        let action: String
        let button: String
        let hidden: [Sheet.Hidden]
        package init(text: String, action: String, button: String, hidden: [(String, String)] = []) {
            self.text = text
            self.action = action
            self.button = button
            self.hidden = hidden.map { Sheet.Hidden(name: $0, value: $1) }
        }

        func saying(_ text: String) -> Removal {
            Removal(text: text, action: action, button: button, hidden: hidden.map { ($0.name, $0.value) })
        }
    }

    package let template = "member"
    package let title: String
    package let crumbs = [Link("People", "/people")]
    let head: Head
    let place: String
    let roles: Sheet
    /// What can be done where somebody has lost every factor: ask, approve, take back.
    let reset: [Removal]
    let removal: Removal?

    package init(head: Head, place: String, roles: Sheet, reset: [Removal] = [], removal: Removal?) {
        title = head.heading
        self.head = head
        self.place = place
        self.roles = roles
        self.reset = reset
        self.removal = removal
    }
}

/// What each role may do, collection by collection.
package struct RolesPage: Page {
    package struct Tab: Sendable {
        let label: String
        let address: String
        let isCurrent: Bool
        package init(_ label: String, _ address: String, isCurrent: Bool) {
            self.label = label
            self.address = address
            self.isCurrent = isCurrent
        }
    }

    package struct Cell: Sendable {
        let id: String
        let label: String
        let value: String
        let isGranted: Bool
        let isFixed: Bool
        package init(row: Int, column: Int, label: String, value: String, isGranted: Bool, isFixed: Bool) {
            id = "grant-\(row)-\(column)"
            self.label = label
            self.value = value
            self.isGranted = isGranted
            self.isFixed = isFixed
        }
    }

    package struct Row: Sendable {
        let name: String
        let cells: [Cell]
        /// Without what is given for the whole environment only.
        let isShort: Bool
        package init(_ name: String, _ cells: [Cell], isShort: Bool = false) {
            self.isShort = isShort
            self.name = name
            self.cells = cells
        }
    }

    package struct Role: Sendable {
        let name: String
        let action: String
        let text: String
        let caption: String
        let permissions: [String]
        let rows: [Row]
        let isEditable: Bool
        let remove: String?
        package init(
            name: String, action: String, text: String, permissions: [String], rows: [Row], isEditable: Bool, remove: String? = nil
        ) {
            self.remove = remove
            self.name = name
            self.action = action
            self.text = text
            caption = "What \(name) may do in each collection"
            self.permissions = permissions
            self.rows = rows
            self.isEditable = isEditable
        }
    }

    package let template = "roles"
    package let title = "Roles"
    let head = Head("Roles", lead: "What each role may do with each collection. Nobody can grant more than they have.")
    let problems: [String]
    let tabs: [Tab]
    let role: Role?
    let create: Sheet?

    package init(tabs: [Tab], role: Role?, create: Sheet?, refusal: Refusal? = nil) {
        self.tabs = tabs
        self.role = role
        self.create = create
        problems = refusal.map { [$0.message] } ?? []
    }
}
