import Vocabulary

/// One record: values and history.
package struct RecordDetailPage: Page {
    package struct Value: Sendable {
        let label: String
        let text: String
        let address: String?
        let isLong: Bool
        let isCode: Bool
        let isAbsent: Bool
        package init(label: String, text: String, address: String? = nil, isLong: Bool = false, isCode: Bool = false) {
            self.label = label
            self.text = text
            self.address = address
            self.isLong = isLong
            self.isCode = isCode && !text.isEmpty
            isAbsent = text.isEmpty
        }
    }

    package struct Difference: Sendable {
        let label: String
        let before: String?
        let after: String?
        package init(label: String, before: String?, after: String?) {
            self.label = label
            self.before = before
            self.after = after
        }
    }

    package struct Version: Sendable {
        let number: Int
        let verb: String
        let who: String
        let at: Moment
        let address: String
        let isCurrent: Bool
        let summary: String
        let changes: [Difference]
        package init(number: Int, verb: String, who: String, at: Moment, address: String, isCurrent: Bool, changes: [Difference]) {
            self.number = number
            self.verb = verb
            self.who = who
            self.at = at
            self.address = address
            self.isCurrent = isCurrent
            self.changes = changes
            summary = Numeral.count(changes.count, "field") + (verb == "created" ? " set" : " changed")
        }
    }

    /// Says that an old version or a deleted record is being looked at.
    package struct Past: Sendable {
        let text: String
        let restore: String?
        package init(_ text: String, restore: String?) {
            self.text = text
            self.restore = restore
        }
    }

    package let template = "record"
    package let title: String
    package let crumbs: [Link]
    let head: Head
    let past: Past?
    let values: [Value]
    let delete: String?
    let versions: [Version]
    let more: String?

    package init(
        head: Head, crumbs: [Link], past: Past? = nil, values: [Value], delete: String?, versions: [Version], more: String? = nil
    ) {
        title = head.heading
        self.head = head
        self.crumbs = crumbs
        self.past = past
        self.values = values
        self.delete = delete
        self.versions = versions
        self.more = more
    }
}

/// New or changed values of a record.
package struct RecordFormPage: Page {
    package let template = "record-form"
    package let title: String
    package let crumbs: [Link]
    let head: Head
    let version: Int?
    let form: Sheet

    /// `version`: the one that was read, so that nobody's later change is overwritten.
    package init(head: Head, crumbs: [Link], version: Int?, form: Sheet) {
        title = head.heading
        self.head = head
        self.crumbs = crumbs
        self.version = version
        self.form = form
    }
}
