import Vocabulary

/// What has to be known at once, and by which ways it is told.
package struct AlarmsPage: Page {
    package struct Row: Sendable {
        let heading: String
        let address: String
        let said: String
        let at: Moment
        let severity: Pill
        let state: Pill
        /// Who has it.
        let assignee: String?
        let acknowledge: String?

        package init(
            heading: String, address: String, said: String, at: Moment, severity: Pill, state: Pill, assignee: String? = nil,
            acknowledge: String? = nil
        ) {
            self.heading = heading
            self.address = address
            self.said = said
            self.at = at
            self.severity = severity
            self.state = state
            self.assignee = assignee
            self.acknowledge = acknowledge
        }
    }

    /// A further way to tell.
    package struct Way: Sendable {
        let target: String
        let kind: String
        let said: String
        let test: String
        let remove: String

        package init(target: String, kind: String, said: String, address: String) {
            self.target = target
            self.kind = kind
            self.said = said
            test = address + "/test"
            remove = address + "/remove"
        }
    }

    package let template = "alarms"
    package let title = "Alarms"
    let head: Head
    let waiting: [Row]
    let closed: [Row]
    let older: String?
    let ways: [Way]
    let add: Sheet
    /// What a new webhook's messages are signed with.
    let secret: String?

    package init(people: String, waiting: [Row], closed: [Row], older: String? = nil, ways: [Way], add: Sheet, secret: String? = nil) {
        head = Head("Alarms", lead: "What has to be known at once. Each one goes by mail to \(people), and every way below.")
        self.waiting = waiting
        self.closed = closed
        self.older = older
        self.ways = ways
        self.add = add
        self.secret = secret
    }
}

/// One alarm: what happened, what to do, and what was done.
package struct AlarmPage: Page {
    package struct Fact: Sendable {
        let label: String
        let text: String

        package init(_ label: String, _ text: String) { (self.label, self.text) = (label, text) }
    }

    package struct Step: Sendable {
        let said: String
        let who: String
        let at: Moment
        let note: String?
        var isCurrent = false

        package init(said: String, who: String, at: Moment, note: String? = nil) {
            self.said = said
            self.who = who
            self.at = at
            self.note = note
        }
    }

    package let template = "alarm"
    package let title: String
    package let crumbs = [Link("Alarms", "/alarms")]
    let head: Head
    let facts: [Fact]
    let advice: String
    let steps: [Step]
    let acknowledge: String?
    let reopen: String?
    let assign: Sheet?
    let close: Sheet?

    package init(
        heading: String, severity: Pill, facts: [Fact], advice: String, steps: [Step], acknowledge: String? = nil, reopen: String? = nil,
        assign: Sheet? = nil, close: Sheet? = nil
    ) {
        title = heading
        head = Head(heading, pill: severity)
        self.facts = facts
        self.advice = advice
        var steps = steps
        if !steps.isEmpty { steps[0].isCurrent = true }
        self.steps = steps
        self.acknowledge = acknowledge
        self.reopen = reopen
        self.assign = assign
        self.close = close
    }
}

package enum AlarmForms {
    package static func add(target: String = "", kind: String = "mail", threshold: String = "notice", _ refusal: Refusal? = nil) -> Sheet {
        Sheet(
            action: "/alarms/routes", button: "Add",
            fields: [
                FormField(
                    "kind", "Tell also by", .select([.init("mail", "Mail"), .init("webhook", "Webhook")]), value: kind, id: "way-kind"),
                FormField(
                    "target", "To", value: target,
                    hint: "A mail address, such as your security contact’s, or an https:// address that takes a signed POST.",
                    isRequired: true, autocomplete: "off", id: "way-target"),
                FormField(
                    "threshold", "What",
                    .select([.init("notice", "Everything"), .init("warning", "Warnings and worse"), .init("critical", "The worst only")]),
                    value: threshold, id: "way-threshold"),
            ], refusal: refusal)
    }

    package static func assign(_ address: String, people: [(id: String, name: String)], chosen: String, _ refusal: Refusal? = nil) -> Sheet
    {
        Sheet(
            action: address + "/assignee", button: "Assign",
            fields: [FormField("assignee", "Who looks after it", .select(people.map { .init($0.id, $0.name) }), value: chosen)],
            refusal: refusal)
    }

    package static func close(_ address: String, note: String = "", _ refusal: Refusal? = nil) -> Sheet {
        Sheet(
            action: address + "/close", button: "Close",
            fields: [FormField("note", "What it was", .area, value: note, hint: "For whoever looks back on it. May be left empty.")],
            refusal: refusal)
    }
}
