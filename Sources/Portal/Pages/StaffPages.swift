/// The vendor's people and the kinds of environment that each may act on. For operators.
package struct StaffPage: Page {
    package struct Person: Sendable {
        let name: String
        let initials: String
        let identifier: String
        let role: Pill
        let isYou: Bool
        let action: String
        let kinds: [FormField]
        let dismissal: String?

        package init(
            name: String, identifier: String, role: Pill, isYou: Bool, action: String, kinds: [FormField], dismissal: String?
        ) {
            self.name = name
            initials = Frame.initials(of: name)
            self.identifier = identifier
            self.role = role
            self.isYou = isYou
            self.action = action
            self.kinds = kinds
            self.dismissal = dismissal
        }
    }

    package let template = "staff"
    package let title = "Staff"
    let head: Head
    let refused: [String]
    let people: [Person]
    let add: Sheet

    package init(people: [Person], handful: Int, add: Sheet, refusal: String? = nil) {
        head = Head(
            "Staff",
            lead:
                "Which kinds of environment each may act on. None of it opens a customer’s data. Production is for \(handful) people at most, and customers see who they are."
        )
        self.people = people
        self.add = add
        refused = refusal.map { [$0] } ?? []
    }
}

/// Which of the vendor's people may act on a customer's environments. For the customer.
package struct VendorPage: Page {
    package struct Person: Sendable {
        let name: String
        let initials: String
        let said: String
        let since: Moment

        package init(name: String, said: String, since: Moment) {
            self.name = name
            initials = Frame.initials(of: name)
            self.said = said
            self.since = since
        }
    }

    package struct Environment: Sendable {
        let id: String
        let host: String
        let kind: Pill
        let people: [Person]

        package init(id: String, host: String, kind: Pill, people: [Person]) {
            self.id = id
            self.host = host
            self.kind = kind
            self.people = people
        }
    }

    package let template = "vendor"
    package let title: String
    package let crumbs = [Link("People", "/people")]
    let head: Head
    let environments: [Environment]

    package init(product: String, environments: [Environment]) {
        title = "Staff of \(product)"
        head = Head(
            title,
            lead:
                "Who of the people behind \(product) may act on your environments. None of them sees what is in them: there is no way in without your consent."
        )
        self.environments = environments
    }
}
