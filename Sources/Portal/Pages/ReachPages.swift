/// How many people may do what in each collection: the darker, the more of them.
package struct ReachPage: Page {
    package struct Cell: Sendable {
        let said: String
        let hue: String
        let isFirst: Bool
        /// 0 nobody … 5 everybody.
        let shade: Int

        package init(_ count: Int, of total: Int, column: Int) {
            let head = PermissionColumn.all[column]
            (hue, isFirst) = (head.hue, head.isFirst)
            said = count == 0 ? "–" : Numeral.text(count)
            shade = count == 0 || total == 0 ? 0 : count == total ? 5 : 1 + min(3, count * 4 / total)
        }
    }

    package struct Row: Sendable {
        let name: String
        let address: String
        let cells: [Cell]

        package init(name: String, address: String, cells: [Cell]) {
            self.name = name
            self.address = address
            self.cells = cells
        }
    }

    package let template = "reach"
    package let title = "Who can see what"
    package let crumbs = [Link("People", "/people")]
    let head: Head
    let columns = PermissionColumn.all
    let rows: [Row]
    let empty: Empty?

    package init(total: Int, rows: [Row]) {
        head = Head(
            "Who can see what",
            lead:
                "How many of \(Numeral.count(total, "person", "people")) may do what, by the roles that they hold now. The vendor’s staff are not among them: they have no way in.",
            actions: [.init("Staff with access", "/vendor"), .init("View as a role", "/preview")])
        self.rows = rows
        empty = rows.isEmpty ? Empty("No collections yet", "As soon as there is one, this page says who can see it.") : nil
    }
}

/// Who may do what in one collection, or with one of its records, and by which role.
package struct CollectionReachPage: Page {
    package struct Person: Sendable {
        let name: String
        let identifier: String
        let address: String?
        let roles: String
        let tiles: [PermissionTile]
        let can: String

        /// `granted`: column by column, as ``PermissionColumn/all``; `roles`: those that grant it.
        package init(name: String, identifier: String, address: String?, roles: String, granted: [Bool]) {
            self.name = name
            self.identifier = identifier
            self.address = address
            self.roles = roles
            tiles = PermissionTile.row(granted)
            can = PermissionTile.text(tiles)
        }
    }

    package let template = "collection-reach"
    package let title: String
    package let crumbs: [Link]
    let head: Head
    let caption: String
    let columns = PermissionColumn.all
    let people: [Person]
    let pager: Pager?
    let empty: Empty?

    package init(head: Head, crumbs: [Link], people: [Person], pager: Pager?) {
        title = head.heading
        self.head = head
        self.crumbs = crumbs
        caption = head.heading
        self.people = people
        self.pager = pager
        empty = people.isEmpty ? Empty("Nobody", "No role that somebody holds opens it.") : nil
    }
}
