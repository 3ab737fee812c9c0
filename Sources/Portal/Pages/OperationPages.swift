import Vocabulary

/// Long work: how far it is, and what came of it.
package struct OperationPage: Page {
    package struct RefusedLine: Sendable {
        let number: String
        let field: String
        let reason: String
        package init(number: Int, field: String, reason: String) {
            self.number = Numeral.text(number)
            self.field = field
            self.reason = reason
        }
    }

    package struct Refused: Sendable {
        let text: String
        let download: String?
        let lines: [RefusedLine]
        package init(text: String, download: String?, lines: [RefusedLine]) {
            self.text = text
            self.download = download
            self.lines = lines
        }
    }

    package let template = "operation"
    package let title: String
    package let crumbs = [Link("Activity", "/operations")]
    package let refreshes: Bool
    let head: Head
    /// Address of the server-sent events while it runs.
    let events: String?
    let cancel: String?
    let done: Int
    let total: Int
    let said: String
    let started: Moment
    let finished: Moment?
    let who: String
    let notice: Remark?
    let refused: Refused?

    package init(
        head: Head, events: String?, cancel: String?, done: Int, total: Int, said: String, started: Moment, finished: Moment?, who: String,
        notice: Remark? = nil, refused: Refused? = nil
    ) {
        title = head.heading
        self.head = head
        self.events = events
        refreshes = events != nil
        self.cancel = cancel
        self.done = done
        self.total = max(total, 1)
        self.said = said
        self.started = started
        self.finished = finished
        self.who = who
        self.notice = notice
        self.refused = refused
    }
}

/// All long work of an environment.
package struct OperationsPage: Page {
    package struct Row: Sendable {
        let label: String
        let address: String
        let said: String
        let who: String
        let state: Pill
        let at: Moment
        package init(label: String, address: String, said: String, who: String, state: Pill, at: Moment) {
            self.label = label
            self.address = address
            self.said = said
            self.who = who
            self.state = state
            self.at = at
        }
    }

    package let template = "operations"
    package let title = "Activity"
    let head = Head("Activity", lead: "Imports and other long work, with what came of it.")
    let operations: [Row]
    let empty: Empty?
    let pager: Pager?

    package init(operations: [Row], pager: Pager? = nil) {
        self.operations = operations
        self.pager = pager
        empty = operations.isEmpty ? Empty("Nothing yet", "When you import a file, its progress and its report stay here.") : nil
    }
}
