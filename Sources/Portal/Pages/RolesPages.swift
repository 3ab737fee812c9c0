/// All roles of an environment, each as a picture of what it opens.
package struct RolesPage: Page {
    package struct Card: Sendable {
        let name: String
        let address: String
        let said: String
        let isBuiltIn: Bool
        let picture: RolePicture

        package init(name: String, address: String, said: String, isBuiltIn: Bool, picture: RolePicture) {
            self.name = name
            self.address = address
            self.said = said
            self.isBuiltIn = isBuiltIn
            self.picture = picture
        }
    }

    package let template = "roles"
    package let title = "Roles"
    let head: Head
    let cards: [Card]
    let create: Sheet?

    package init(cards: [Card], create: Sheet?) {
        head = Head(
            "Roles",
            lead: "What each role opens, at a glance: a line for all collections, then one for each. Nobody can grant more than they have.",
            actions: [.init("View as a role", "/preview"), .init("Who can see what", "/access")])
        self.cards = cards
        self.create = create
    }
}

/// What one role may do, collection by collection.
package struct RolePage: Page {
    package struct Cell: Sendable {
        let id: String
        let label: String
        let value: String
        let hue: String
        let column: Int
        let isFirst: Bool
        let isGranted: Bool
        let isFixed: Bool

        /// `isFixed`: it can't be turned here: the role is built in, or the visitor lacks the permission.
        package init(row: Int, column: Int, label: String, value: String, isGranted: Bool, isFixed: Bool) {
            id = "grant-\(row)-\(column)"
            self.column = column
            let head = PermissionColumn.all[column]
            (hue, isFirst) = (head.hue, head.isFirst)
            self.label = "\(head.label), \(label)"
            self.value = value
            self.isGranted = isGranted
            self.isFixed = isFixed
        }
    }

    package struct Row: Sendable {
        let name: String
        let detail: String?
        let cells: [Cell]

        package init(_ name: String, detail: String? = nil, _ cells: [Cell]) {
            self.name = name
            self.detail = detail
            self.cells = cells
        }
    }

    package let template = "role"
    package let title: String
    package let crumbs = [Link("Roles", "/roles")]
    let head: Head
    let notice: String?
    let refused: [String]
    let action: String
    let caption: String
    let columns = PermissionColumn.all
    let rows: [Row]
    /// The role's name, where it can be changed.
    let name: FormField?
    /// What holds for the environment as a whole.
    let environment: [FormField]
    let button: String?
    let copy: Sheet?
    let remove: String?

    package init(
        head: Head, notice: String?, action: String, rows: [Row], name: FormField?, environment: [FormField], isEditable: Bool,
        copy: Sheet?,
        remove: String?, refusal: String? = nil
    ) {
        title = head.heading
        self.head = head
        self.notice = notice
        self.action = action
        caption = "What \(head.heading) may do in each collection"
        self.rows = rows
        self.name = name
        self.environment = environment
        button = isEditable ? "Save \(head.heading)" : nil
        self.copy = copy
        self.remove = remove
        refused = refusal.map { [$0] } ?? []
    }
}

/// What holders of some roles would see, from the definitions alone.
package struct PreviewPage: Page {
    package struct Field: Sendable {
        let label: String
        let type: String

        package init(_ label: String, _ type: String) { (self.label, self.type) = (label, type) }
    }

    package struct View: Sendable {
        let name: String
        let fields: [Field]
        let more: String?
        let tiles: [PermissionTile]
        let can: String
        let cannot: String?

        /// `granted`: column by column, as ``PermissionColumn/all``.
        package init(name: String, fields: [Field], granted: [Bool]) {
            self.name = name
            self.fields = Array(fields.prefix(12))
            more = fields.count > 12 ? "and \(fields.count - 12) more" : nil
            tiles = PermissionTile.row(granted)
            let words = tiles.filter(\.isOn).map(\.label)
            let others = tiles.filter { !$0.isOn }.map { $0.label.lowercased() }
            can = others.isEmpty ? "Everything" : words.joined(separator: ", ")
            cannot = others.isEmpty ? nil : others.joined(separator: ", ")
        }
    }

    package let template = "preview"
    package let title: String
    package let crumbs = [Link("Roles", "/roles")]
    let head: Head
    let choices: [FormField]
    let navigation: [Frame.NavigationLink]
    let views: [View]
    let hidden: String?
    let environment: String?
    let empty: Empty?

    package init(
        of names: String, choices: [FormField], navigation: [Frame.NavigationLink], views: [View], hidden: [String], environment: String?
    ) {
        title = "View as \(names)"
        head = Head(
            "As \(names) sees it",
            lead: "Told by the definitions of roles and collections. No record is opened, and nobody’s session is touched.")
        self.choices = choices
        self.navigation = navigation
        self.views = views
        self.hidden = hidden.isEmpty ? nil : hidden.joined(separator: ", ")
        self.environment = environment
        empty = views.isEmpty ? Empty("Nothing to see", "These roles open no collection here.") : nil
    }
}
