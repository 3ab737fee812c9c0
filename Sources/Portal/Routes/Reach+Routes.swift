import Hummingbird
import Identity
import Records
import Vocabulary
import Web

/// Who can see what: by collection, and by person.
extension Portal {
    func addReach(to router: Router<HoldfastContext>) {
        room("/access", on: router) { room in try await room.showReach() }
        room("/access/{slug}", on: router) { room in try await room.showCollectionReach(record: nil) }
        room("/access/{slug}/{record}", on: router) { room in
            try await room.showCollectionReach(record: try room.context.id("record", of: Kinds.Record.self, what: "record"))
        }
    }
}

extension Room {
    fileprivate func showReach() async throws -> Response {
        let reaches = try await workspace.roles.reach(by: actor)
        let total = try await parts.memberships.page(in: tenant.id, limit: 1).total
        var rows: [ReachPage.Row] = []
        for reach in reaches {
            let counts = try await parts.memberships.counts(
                in: tenant.id, holding: Permission.columns.map { reach.roles(allowing: $0) })
            rows.append(
                .init(
                    name: reach.collection.name, address: "/access/\(reach.collection.slug)",
                    cells: counts.enumerated().map { .init($1, of: total, column: $0) }))
        }
        return try show(ReachPage(total: total, rows: rows), current: "People")
    }

    /// Rights are a collection's, so whoever may read it may read each of its records.
    fileprivate func showCollectionReach(record: RecordID?) async throws -> Response {
        let slug = try context.parameter("slug")
        guard let reach = try await workspace.roles.reach(by: actor).first(where: { $0.collection.slug == slug }) else {
            throw Refusal.notFound("collection")
        }
        let collection = reach.collection
        let home = "/access/\(slug)" + (record.map { "/\($0)" } ?? "")
        var heading = "Who can see \(collection.name)"
        var crumbs = [Link("People", "/people"), Link("Who can see what", "/access")]
        if let record {
            let found = try await workspace.records.find(record, in: slug, by: actor)
            heading = "Who can see \(RecordText.title(of: found, in: collection))"
            crumbs = [
                Link(collection.name, "/collections/\(slug)"),
                Link("This \(collection.singular)", "/collections/\(slug)/records/\(record)"),
            ]
        }
        let page = try await parts.memberships.page(
            in: tenant.id, holding: reach.roles.keys.sorted(), after: request.query("after").flatMap { MembershipID($0) },
            before: request.query("before").flatMap { MembershipID($0) })
        let accounts = try await parts.accounts.find(page.members.map(\.account))
        let people = page.members.map { member in
            let account = accounts[member.account]
            let names = member.roles.map(\.name)
            let granted = account?.isActive == true ? reach.permissions(ofHolderOf: names) : []
            return CollectionReachPage.Person(
                name: account?.displayName ?? "Unknown", identifier: account?.identifier ?? "",
                address: member.account == visit.account.id ? nil : "/people/\(member.account)",
                roles: account?.isActive == true
                    ? names.filter { reach.roles[$0] != nil }.map { reach.labels[$0] ?? $0 }.joined(separator: ", ") : "disabled",
                granted: Permission.columns.map(granted.contains))
        }
        let pager = Pager(
            said: "\(Numeral.text(people.count)) of \(Numeral.count(page.total, "person", "people"))",
            previous: page.previous.map { home + Portal.query([("before", $0.description)]) },
            next: page.next.map { home + Portal.query([("after", $0.description)]) })
        let said = Numeral.count(page.total, "person", "people")
        return try show(
            CollectionReachPage(
                head: Head(
                    heading,
                    lead: record == nil
                        ? "\(said), by the roles that they hold now." : "\(said). Rights are the collection’s; no record has its own yet."),
                crumbs: crumbs, people: people, pager: people.count < page.total ? pager : nil), current: "People")
    }
}
