/// A page's first lines: what it is, one sentence, what can be done here.
package struct Head: Sendable {
    package struct Action: Sendable {
        let label: String
        let address: String
        let icon: String?
        let key: String?
        let isPrimary: Bool
        let isDangerous: Bool

        package init(
            _ label: String, _ address: String, icon: String? = nil, key: String? = nil, isPrimary: Bool = false, isDangerous: Bool = false
        ) {
            self.label = label
            self.address = address
            self.icon = icon.map { "icon/\($0)" }
            self.key = key
            self.isPrimary = isPrimary
            self.isDangerous = isDangerous
        }
    }

    let heading: String
    let lead: String?
    let pill: Pill?
    let actions: [Action]
    /// Rarer ones, in a menu beside the others.
    let more: [Action]

    package init(_ heading: String, lead: String? = nil, pill: Pill? = nil, actions: [Action] = [], more: [Action] = []) {
        self.more = more
        self.heading = heading
        self.lead = lead
        self.pill = pill
        self.actions = actions
    }
}

/// Says what to do where there is nothing yet.
package struct Empty: Sendable {
    let heading: String
    let text: String
    let link: Link?

    package init(_ heading: String, _ text: String, link: Link? = nil) {
        self.heading = heading
        self.text = text
        self.link = link
    }
}

/// Where in a long list this page is. Addresses are nil at the ends.
package struct Pager: Sendable {
    let said: String
    let previous: String?
    let next: String?

    package init(said: String, previous: String? = nil, next: String? = nil) {
        self.said = said
        self.previous = previous
        self.next = next
    }
}

/// The steps of something that takes several pages.
package struct Steps: Sendable {
    struct Item: Sendable {
        let number: Int
        let label: String
        let isCurrent: Bool
        let isDone: Bool
    }

    let items: [Item]

    package init(_ labels: [String], current: Int) {
        items = labels.enumerated().map { Item(number: $0 + 1, label: $1, isCurrent: $0 == current, isDone: $0 < current) }
    }

    package static func onboarding(_ current: Int) -> Steps { Steps(["Password", "Second factor", "Codes"], current: current) }
    package static func importing(_ current: Int) -> Steps { Steps(["File", "Preview", "Import"], current: current) }
}

/// A remark beside the matter.
package struct Remark: Sendable {
    let tone: String
    let text: String
    let link: Link?

    package init(_ text: String, tone: Pill.Tone = .info, link: Link? = nil) {
        self.text = text
        self.tone = tone.rawValue
        self.link = link
    }
}

/// A choice in a filter above a list.
package struct Choice: Sendable {
    let value: String
    let label: String
    let isChosen: Bool

    package init(_ value: String, _ label: String, isChosen: Bool = false) {
        self.value = value
        self.label = label
        self.isChosen = isChosen
    }
}
