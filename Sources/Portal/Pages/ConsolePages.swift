import Tenants
import Vocabulary

/// All tenants, for operators.
package struct TenantsPage: Page {
    package struct Row: Sendable {
        let name: String
        let slug: String
        let address: String
        let edition: String
        let region: String
        let environments: [Pill]
        let state: Pill
        let since: Moment
        package init(name: String, slug: String, edition: String, region: String, environments: [Pill], state: Pill, since: Moment) {
            self.name = name
            self.slug = slug
            address = "/tenants/\(slug)"
            self.edition = edition
            self.region = region
            self.environments = environments
            self.state = state
            self.since = since
        }
    }

    package let template = "tenants"
    package let title = "Tenants"
    let head: Head
    let query: String
    let editions: [Choice]
    let regions: [Choice]
    let tenants: [Row]
    let empty: Empty?
    let pager: Pager

    package init(query: String, editions: [Choice], regions: [Choice], tenants: [Row], pager: Pager) {
        head = Head(
            "Tenants", lead: "Every customer, with its environments.",
            actions: [.init("New tenant", "/tenants/new", icon: "plus", key: "n", isPrimary: true)])
        self.query = query
        self.editions = editions
        self.regions = regions
        self.tenants = tenants
        self.pager = pager
        let isFiltered = !query.isEmpty || (editions + regions).contains { $0.isChosen && !$0.value.isEmpty }
        empty =
            !tenants.isEmpty
            ? nil
            : isFiltered
                ? Empty("Nothing matches", "No tenant fits this search.", link: Link("Show all", "/tenants"))
                : Empty(
                    "No tenant yet", "A tenant is a customer. It gets its own host name, database and key.",
                    link: Link("Create the first", "/tenants/new"))
    }
}

/// One tenant: what it has, what was agreed.
package struct TenantPage: Page {
    package struct Environment: Sendable {
        let host: String
        let kind: Pill
        let region: String
        let place: String
        let since: Moment
        let health: Pill
        let address: String
        package init(host: String, kind: Pill, region: String, place: String, since: Moment, health: Pill, address: String) {
            self.host = host
            self.kind = kind
            self.region = region
            self.place = place
            self.since = since
            self.health = health
            self.address = address
        }
    }

    package struct Fact: Sendable {
        let label: String
        let value: String
        package init(_ label: String, _ value: String) {
            self.label = label
            self.value = value
        }
    }

    package let template = "tenant"
    package let title: String
    package let crumbs = [Link("Tenants", "/tenants")]
    let head: Head
    let environments: [Environment]
    let facts: [Fact]
    let create: Sheet?
    let invite: Sheet?
    let leaving: Departure

    /// Whether the tenant goes, in words, and where that is settled.
    package struct Departure: Sendable {
        let text: String
        let address: String
        let button: String
        let isBegun: Bool
    }

    package init(
        name: String, slug: String, edition: String, environments: [Environment], facts: [Fact], create: Sheet?, invite: Sheet?,
        leaving stage: Leaving.Stage? = nil
    ) {
        title = name
        head = Head(name, lead: slug, pill: stage?.pill ?? Pill(edition, .info))
        leaving = Departure(
            text: stage == nil
                ? "When the contract ends: everything can be fetched for a while, then all of it is destroyed, backups too."
                : "This tenant leaves, or has left.",
            address: "/tenants/\(slug)/leaving", button: stage == nil ? "Offboard \(name)" : "See how far it is", isBegun: stage != nil)
        self.environments = environments
        self.facts = facts
        self.create = create
        self.invite = invite
    }
}
