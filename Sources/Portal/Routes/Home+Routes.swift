import Hummingbird
import Records
import Vocabulary
import Web

extension Portal {
    func addHome(to router: Router<HoldfastContext>) {
        room("/", on: router) { room in
            let counts = try await room.workspace.records.counts(by: room.actor)
            let changes = try await room.recentChanges()
            let total = counts.values.reduce(0, +)
            let first = room.visit.account.displayName.split(separator: " ").first.map(String.init) ?? room.visit.account.displayName
            let tiles = room.collections.prefix(8).map { collection in
                HomePage.Tile(
                    name: collection.name, address: "/collections/\(collection.slug)", count: counts[collection.id] ?? 0,
                    detail: collection.description.isEmpty ? Numeral.count(collection.fields.count, "field") : collection.description)
            }
            let areas = try await trustAreas()
            let page = HomePage(
                head: Head(
                    total == 0 ? "Welcome, \(first)" : "Hello, \(first)",
                    lead: total == 0
                        ? "A few steps, and your people can work here."
                        : "\(Numeral.count(total, "record")) in \(Numeral.count(room.collections.count, "collection"))."),
                tasks: try await room.tasks(total: total), collections: Array(tiles), changes: changes,
                trust: TrustPage(lead: "", areas: areas, isPublic: false).digest)
            return try room.show(page, current: "Home")
        }
    }
}

extension Room {
    /// What a new environment's administrators do first. Nobody else is told to do what they may not.
    fileprivate func tasks(total: Int) async throws -> [HomePage.Task] {
        guard may(.design), may(.managePeople) else { return [] }
        let people = try await parts.memberships.list(in: tenant.id).count
        let invited = people > 1 ? 0 : try await parts.invitations.list(in: tenant.id).count
        let hasCollection = !collections.isEmpty
        let target = collections.first.map { "/collections/\($0.slug)/import" } ?? "/import"
        return [
            .init("Secure your account", "Password and second factor are set.", link: nil, isDone: true),
            .init(
                "Create a collection", "Say what you keep, and which fields each record has.",
                link: Link("New collection", "/collections/new"), isDone: hasCollection),
            .init(
                "Bring your data", "Import a CSV or JSON Lines file. You see a preview before anything is written.",
                link: Link("Import a file", target), isDone: total > 0),
            .init(
                "Invite people", "They get a link by mail, and choose their own password and second factor.",
                link: Link("Invite somebody", "/people/invite"), isDone: people > 1 || invited > 0),
        ]
    }

    /// The records changed last in each collection, newest first.
    fileprivate func recentChanges() async throws -> [HomePage.Change] {
        var found: [(collection: Collection, record: Record)] = []
        for collection in collections.prefix(8) {
            let query = Query(sort: "-_updated", limit: 5)
            let page = try await workspace.records.list(in: collection.slug, query, by: actor)
            found += page.records.map { (collection, $0) }
        }
        let newest = found.sorted { $0.record.updatedAt > $1.record.updatedAt }.prefix(8)
        let names = try await names(of: newest.map(\.record.updatedBy))
        return newest.map { collection, record in
            HomePage.Change(
                label: RecordText.title(of: record, in: collection), address: "/collections/\(collection.slug)/records/\(record.id)",
                verb: record.version == 1 ? "created" : "changed", who: names[record.updatedBy] ?? "", where: collection.name,
                at: Moment(record.updatedAt))
        }
    }
}
