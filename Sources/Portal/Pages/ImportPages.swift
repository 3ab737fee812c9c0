import Vocabulary

/// Choose a file, then see what is in it and where it goes.
package struct ImportPage: Page {
    package struct Column: Sendable {
        let index: Int
        let name: String
        let type: Pill
        let examples: String
        let targets: [Choice]
        package init(index: Int, name: String, type: String, examples: [String], targets: [Choice]) {
            self.index = index
            self.name = name
            self.type = Pill(type)
            self.examples = examples.joined(separator: " · ")
            self.targets = targets
        }
    }

    struct Upload: Sendable {
        let problems: Sheet.Problems?
        let action: String
        let limit: String
        let cancel: String
    }

    struct Preview: Sendable {
        let problems: Sheet.Problems?
        let action: String
        let said: String
        let columns: [Column]
        let warnings: [String]
        let options: [FormField]
        let button: String
        let cancel: String
    }

    package let template = "import"
    package let title: String
    package let crumbs: [Link]
    let head: Head
    let steps: [Steps.Item]
    let upload: Upload?
    let preview: Preview?

    package static func upload(head: Head, crumbs: [Link], action: String, limit: String, cancel: String, refusal: Refusal? = nil)
        -> ImportPage
    {
        ImportPage(
            head: head, crumbs: crumbs, step: 0, upload: Upload(problems: problems(refusal), action: action, limit: limit, cancel: cancel),
            preview: nil)
    }

    package static func preview(
        head: Head, crumbs: [Link], action: String, said: String, columns: [Column], warnings: [String], options: [FormField],
        button: String,
        cancel: String, refusal: Refusal? = nil
    ) -> ImportPage {
        ImportPage(
            head: head, crumbs: crumbs, step: 1, upload: nil,
            preview: Preview(
                problems: problems(refusal), action: action, said: said, columns: columns, warnings: warnings, options: options,
                button: button, cancel: cancel))
    }

    private init(head: Head, crumbs: [Link], step: Int, upload: Upload?, preview: Preview?) {
        title = head.heading
        self.head = head
        self.crumbs = crumbs
        steps = Steps.importing(step).items
        self.upload = upload
        self.preview = preview
    }

    private static func problems(_ refusal: Refusal?) -> Sheet.Problems? {
        refusal.map { Sheet.Problems(general: $0.fields.isEmpty ? [$0.message] : $0.fields.map(\.message), fields: []) }
    }
}
