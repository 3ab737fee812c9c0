import Vocabulary

/// The audit log, newest first, with its latest signed checkpoint.
package struct AuditPage: Page {
    package struct Fact: Sendable {
        let label: String
        let value: String
        package init(_ label: String, _ value: String) {
            self.label = label
            self.value = value
        }
    }

    package struct Entry: Sendable {
        let number: String
        let at: Moment
        let event: String
        let who: String
        let facts: [Fact]
        package init(number: Int, at: Moment, event: String, who: String, facts: [Fact]) {
            self.number = Numeral.text(number)
            self.at = at
            self.event = event
            self.who = who
            self.facts = facts
        }
    }

    package struct Checkpoint: Sendable {
        let tone: String
        let heading: String
        let text: String
        let verify: String?
        package init(heading: String, text: String, verify: String?, tone: Pill.Tone = .info) {
            self.heading = heading
            self.text = text
            self.verify = verify
            self.tone = tone.rawValue
        }
    }

    /// The newest signed checkpoint, to be kept in a file of that name.
    package struct Note: Sendable {
        let text: String
        let file: String
        package init(_ text: String, file: String) {
            self.text = text
            self.file = file
        }
    }

    package let template = "audit"
    package let title = "Audit"
    let head: Head
    let checkpoint: Checkpoint?
    let address: String
    let events: [Choice]
    let who: String
    let from: String
    let to: String
    let entries: [Entry]
    let empty: Empty?
    let pager: Pager?
    let command: String
    let note: Note?

    package init(
        lead: String, address: String, export: String?, checkpoint: Checkpoint?, events: [Choice], who: String = "", from: String = "",
        to: String = "", entries: [Entry], pager: Pager?, command: String,
        note: Note? = nil
    ) {
        head = Head("Audit", lead: lead, actions: export.map { [.init("Export", $0)] } ?? [])
        self.address = address
        self.checkpoint = checkpoint
        self.events = events
        self.who = who
        self.from = from
        self.to = to
        self.entries = entries
        self.pager = entries.isEmpty ? nil : pager
        empty = entries.isEmpty ? Empty("Nothing matches", "No entry fits these conditions.", link: Link("Show all", address)) : nil
        self.command = command
        self.note = note
    }
}
