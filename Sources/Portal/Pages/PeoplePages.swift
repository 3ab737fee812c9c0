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
                ? [.init("Invite somebody", "/people/invite", icon: "plus", key: "n", isPrimary: true)] : [],
            more: mayInvite
                ? [
                    .init("Who can see what", "/access"), .init("Unusual sign-ins", "/people/risks"),
                    .init("Rules for signing in", "/people/rules"), .init("Staff with access", "/vendor"),
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
        /// Where their leaving is settled.
        let leaving: String?
        let hasButton: Bool

        /// `button`: empty where there is nothing to send.
        package init(
            text: String, action: String = "", button: String = "", hidden: [(String, String)] = [], leaving: String? = nil
        ) {
            self.leaving = leaving
            hasButton = !button.isEmpty
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
    /// What their roles open: a line for each collection that they see.
    let reach: [Reach]
    let preview: String?

    package struct Reach: Sendable {
        let name: String
        let address: String
        let tiles: [PermissionTile]
        let can: String

        /// `granted`: column by column, as ``PermissionColumn/all``.
        package init(name: String, address: String, granted: [Bool]) {
            self.name = name
            self.address = address
            tiles = PermissionTile.row(granted)
            can = PermissionTile.text(tiles)
        }
    }

    package init(
        head: Head, place: String, roles: Sheet, reset: [Removal] = [], removal: Removal?, reach: [Reach] = [], preview: String? = nil
    ) {
        self.reach = reach
        self.preview = preview
        title = head.heading
        self.head = head
        self.place = place
        self.roles = roles
        self.reset = reset
        self.removal = removal
    }
}
