import Vocabulary

/// All collections of an environment.
package struct CollectionsPage: Page {
    package struct Row: Sendable {
        let name: String
        let address: String
        let detail: String?
        let fields: String
        let count: String
        let changed: Moment?
        package init(name: String, slug: String, detail: String?, fields: Int, count: Int, changed: Moment?) {
            self.name = name
            address = "/collections/\(slug)"
            self.detail = detail
            self.fields = Numeral.count(fields, "field")
            self.count = Numeral.text(count)
            self.changed = changed
        }
    }

    package let template = "collections"
    package let title = "Collections"
    let head: Head
    let collections: [Row]
    let empty: Empty?

    package init(collections: [Row], mayCreate: Bool, mayImport: Bool = false) {
        head = Head(
            "Collections", lead: "Each holds one kind of record.",
            actions: (mayImport ? [.init("Import a file", "/import")] : [])
                + (mayCreate ? [.init("New collection", "/collections/new", icon: "plus", key: "n", isPrimary: true)] : []))
        self.collections = collections
        empty =
            !collections.isEmpty
            ? nil
            : mayCreate
                ? Empty(
                    "No collection yet",
                    "Say what you want to keep — suppliers, flights, machines — and which fields each has. Then add records, or import a file.",
                    link: Link("Create the first", "/collections/new"))
                : Empty("No collection yet", "An administrator can create one.")
    }
}

/// Name and fields of a collection; works without script by posting back.
package struct DesignerPage: Page {
    package struct Field: Sendable {
        let index: Int
        let number: Int
        let identity: String
        let name: String
        let types: [Choice]
        let detail: String
        let isRequired: Bool
        let isUnique: Bool
        let isIndexed: Bool
        /// The type of a field that holds values can't change.
        let isFixed: Bool
        let nameProblem: String?
        let typeProblem: String?
        let detailProblem: String?

        /// `detail`: choices separated by commas, or the slug of the collection referred to.
        package init(
            index: Int, identity: String = "", name: String = "", types: [Choice], detail: String = "", isRequired: Bool = false,
            isUnique: Bool = false, isIndexed: Bool = false, isFixed: Bool = false, problems: [String: String] = [:]
        ) {
            self.index = index
            number = index + 1
            self.identity = identity
            self.name = name
            self.types = types
            self.detail = detail
            self.isRequired = isRequired
            self.isUnique = isUnique
            self.isIndexed = isIndexed
            self.isFixed = isFixed
            nameProblem = problems["fields.\(index).name"]
            typeProblem = problems["fields.\(index).type"]
            detailProblem = problems["fields.\(index).detail"]
        }
    }

    package let template = "designer"
    package let title: String
    package let crumbs: [Link]
    let head: Head
    let design: Sheet
    let action: String
    let basics: [FormField]
    let fields: [Field]
    /// Of the collection that is shown; another one is refused, so that nobody removes a field that somebody just added.
    let version: Int?
    let button: String
    let cancel: String
    let delete: String?

    package init(
        head: Head, crumbs: [Link], action: String, basics: [FormField], fields: [Field], version: Int? = nil, button: String,
        cancel: String, delete: String? = nil, refusal: Refusal? = nil
    ) {
        title = head.heading
        self.head = head
        self.crumbs = crumbs
        self.action = action
        let design = Sheet(action: action, button: button, fields: basics, refusal: refusal)
        self.design = design
        self.basics = design.fields
        self.fields = fields
        self.version = version
        self.button = button
        self.cancel = cancel
        self.delete = delete
    }
}
