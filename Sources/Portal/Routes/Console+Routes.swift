import Foundation
import Hummingbird
import Identity
import Tenants
import Vocabulary
import Web

/// The vendor's console: tenants and their environments. Only for operators; for others it is not there.
extension Portal {
    func addConsole(to router: Router<HoldfastContext>) {
        page("/tenants", on: router) { try await $0.showTenants() }
        page("/tenants/new", on: router) { visit in
            try visit.requireOperator()
            return try visit.show(TenantForm.page([:]), current: "Tenants")
        }
        action("/tenants", on: router) { visit, form in
            try visit.requireOperator()
            do {
                let kinds: [HostedEnvironment.Kind] = form.isTicked("sandbox") ? [.production, .sandbox] : [.production]
                for kind in kinds { try await visit.requireReach(to: kind.rawValue) }
                let tenant = try await parts.tenants.create(
                    slug: form["slug"] ?? "", name: form["name"] ?? "", edition: form["edition"] ?? "", region: form["region"] ?? "",
                    environments: kinds, by: visit.principal)
                return try visit.go("/tenants/\(tenant.slug)", Notice(.done, "\(tenant.name) is ready. Invite its first owner."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                let typed = Dictionary(form.fields.map { ($0.name, $0.value) }) { first, _ in first }
                return try visit.show(TenantForm.page(typed, refusal: refusal), current: "Tenants", after: refusal)
            }
        }
        page("/tenants/{slug}", on: router) { visit in
            try await visit.showTenant(try visit.context.parameter("slug"))
        }
        action("/tenants/{slug}/environments", on: router) { visit, form in
            try visit.requireOperator()
            let slug = try visit.context.parameter("slug")
            let tenant = try await parts.tenants.find(slug: slug)
            do {
                guard let kind = HostedEnvironment.Kind(rawValue: form["kind"] ?? "") else {
                    throw Refusal.invalid("environment-kind", "Choose what kind of environment it shall be.", field: "kind")
                }
                try await visit.requireReach(to: kind.rawValue)
                let made = try await parts.tenants.createEnvironment(kind, of: tenant.id, by: visit.principal)
                return try visit.go("/tenants/\(slug)", Notice(.done, "\(visit.host(of: made.label)) is ready."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showTenant(slug, createRefusal: refusal)
            }
        }
        action("/tenants/{slug}/invitations", on: router) { visit, form in
            try visit.requireOperator()
            let slug = try visit.context.parameter("slug")
            let tenant = try await parts.tenants.find(slug: slug)
            do {
                let address = try form.require("address")
                try visit.context.requireRecentProof()
                // Whoever names the first owner decides who comes into production.
                try await visit.requireReach(to: HostedEnvironment.Kind.production.rawValue)
                _ = try await parts.invitations.invite(address, to: tenant.id, named: tenant.name, roles: ["owner"], by: visit.principal)
                return try visit.go("/tenants/\(slug)", Notice(.done, "The invitation is on its way to \(address)."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showTenant(slug, invitee: form["address"] ?? "", inviteRefusal: refusal)
            }
        }
    }
}

private enum TenantForm {
    static func page(_ typed: [String: String], refusal: Refusal? = nil) -> FormPage {
        let editions = Edition.all.map { edition in
            FormField.Option(
                edition.name, edition.title,
                hint:
                    "Restores to any second of \(days(edition.retention.pointInTime)), \(Numeral.count(edition.limits.people, "person", "people")), "
                    + "\(Numeral.count(edition.limits.environments, "environment"))")
        }
        let regions = Region.all.map { FormField.Option($0.name, "\($0.title) (copies go to \($0.pair))") }
        return FormPage(
            Head("New tenant", lead: "Its database, key and host name are made at once."), crumbs: [Link("Tenants", "/tenants")],
            form: Sheet(
                action: "/tenants", button: "Create tenant", cancel: Link("Cancel", "/tenants"),
                fields: [
                    FormField("name", "Name", value: typed["name"] ?? "", isRequired: true, autocomplete: "off"),
                    FormField(
                        "slug", "Short name", value: typed["slug"] ?? "", hint: "Becomes the host name. Lower-case letters and digits.",
                        isRequired: true, autocomplete: "off"),
                    FormField("edition", "Edition", .radio(editions), value: typed["edition"] ?? "standard"),
                    FormField(
                        "region", "Region", .select(regions), value: typed["region"] ?? "",
                        hint: "Data never leaves the region and its pair."),
                    FormField(
                        "sandbox", "Make a sandbox too", .checkbox, value: typed.isEmpty ? "on" : typed["sandbox"] ?? "",
                        hint: "An environment of its own, to try things."),
                ], refusal: refusal))
    }

    static func days(_ duration: Duration) -> String { Numeral.count(Int(duration.components.seconds / 86_400), "day") }
}

extension Visit {
    fileprivate func showTenants() async throws -> Response {
        try requireOperator()
        let query = (request.query("q") ?? "").trimmingCharacters(in: .whitespaces)
        let (edition, region) = (request.query("edition") ?? "", request.query("region") ?? "")
        let (after, before) = (request.query("after") ?? "", request.query("before") ?? "")
        let isBackwards = !before.isEmpty
        let pageSize = 50
        var found: [Tenant] = []
        var cursor = isBackwards ? before : after
        // The register is small beside what it registers: walk it in steps until a page is full.
        walk: while found.count <= pageSize {
            let step =
                try await isBackwards
                ? parts.tenants.list(before: cursor, limit: 500) : parts.tenants.list(after: cursor, limit: 500)
            for tenant in step {
                cursor = tenant.slug
                let isWanted =
                    (query.isEmpty || tenant.slug.contains(query.lowercased()) || tenant.name.lowercased().contains(query.lowercased()))
                    && (edition.isEmpty || tenant.edition == edition) && (region.isEmpty || tenant.region == region)
                if isWanted { found.append(tenant) }
                if found.count > pageSize { break walk }
            }
            if step.count < 500 { break }
        }
        let hasMore = found.count > pageSize
        let shown = isBackwards ? found.prefix(pageSize).reversed() : Array(found.prefix(pageSize))
        let leaving = Dictionary(try await parts.tenants.allLeaving().map { ($0.tenant, $0.stage) }) { first, _ in first }
        var rows: [TenantsPage.Row] = []
        for tenant in shown {
            let environments = try await parts.tenants.environments(of: tenant.id)
            rows.append(
                .init(
                    name: tenant.name, slug: tenant.slug, edition: Edition(named: tenant.edition)?.title ?? tenant.edition,
                    region: Region(named: tenant.region)?.title ?? tenant.region, environments: environments.map(\.kind.pill),
                    state: leaving[tenant.id]?.pill ?? (tenant.state == .active ? Pill("Active", .good) : Pill("Being made", .warn)),
                    since: Moment(tenant.createdAt)))
        }
        let filter = [("q", query), ("edition", edition), ("region", region)]
        let next = hasMore || isBackwards ? shown.last.map { "/tenants" + Portal.query(filter + [("after", $0.slug)]) } : nil
        let hasPrevious = isBackwards ? hasMore : !after.isEmpty
        let previous = hasPrevious ? shown.first.map { "/tenants" + Portal.query(filter + [("before", $0.slug)]) } : nil
        let count = try await parts.tenants.count()
        let page = TenantsPage(
            query: query,
            editions: [Choice("", "Any")] + Edition.all.map { Choice($0.name, $0.title, isChosen: $0.name == edition) },
            regions: [Choice("", "Any")] + Region.all.map { Choice($0.name, $0.title, isChosen: $0.name == region) },
            tenants: rows,
            pager: Pager(
                said: query.isEmpty && edition.isEmpty && region.isEmpty
                    ? Numeral.count(count, "tenant") : "\(Numeral.count(rows.count, "tenant")) shown, \(Numeral.text(count)) in all",
                previous: previous, next: next))
        return try show(page, current: "Tenants")
    }

    fileprivate func showTenant(
        _ slug: String, invitee: String = "", createRefusal: Refusal? = nil, inviteRefusal: Refusal? = nil
    ) async throws -> Response {
        try requireOperator()
        let tenant = try await parts.tenants.find(slug: slug)
        let environments = try await parts.tenants.environments(of: tenant.id)
        var listed: [TenantPage.Environment] = []
        for environment in environments {
            listed.append(
                .init(
                    host: host(of: environment.label), kind: environment.kind.pill,
                    region: Region(named: environment.region)?.title ?? environment.region, place: environment.place,
                    since: Moment(environment.createdAt), health: await health(of: environment),
                    address: address(of: environment.label) + "/"))
        }
        let edition = Edition(named: tenant.edition)
        let people = try await parts.memberships.list(in: tenant.id).count
        var facts = [
            TenantPage.Fact("Edition", edition?.title ?? tenant.edition),
            TenantPage.Fact("Region", Region(named: tenant.region).map { "\($0.title), copies go to \($0.pair)" } ?? tenant.region),
        ]
        if let edition {
            facts.append(.init("Restores to any second of", TenantForm.days(edition.retention.pointInTime)))
            facts.append(.init("People", "\(Numeral.text(people)) of \(Numeral.text(edition.limits.people))"))
            facts.append(.init("Environments", "\(environments.count) of \(Numeral.text(edition.limits.environments))"))
        }
        let leaving = try await parts.tenants.leaving(tenant.id)?.stage
        let missing = HostedEnvironment.Kind.allCases.filter { kind in !environments.contains { $0.kind == kind } }
        let create =
            missing.isEmpty || leaving != nil
            ? nil
            : Sheet(
                action: "/tenants/\(slug)/environments", button: "Create environment",
                fields: [
                    FormField(
                        "kind", "Kind", .select(missing.map { .init($0.rawValue, $0.pill.label) }),
                        hint:
                            "Gets its own database, key and host name: \(missing.map { host(of: $0.label(of: slug)) }.joined(separator: ", "))."
                    )
                ], refusal: createRefusal)
        let invite =
            leaving != nil
            ? nil
            : Sheet(
                action: "/tenants/\(slug)/invitations", button: "Send invitation",
                fields: [
                    FormField(
                        "address", "Address", .email, value: invitee,
                        hint: "They become an owner: people, roles and data are theirs to manage.",
                        isRequired: true, autocomplete: "off")
                ], refusal: inviteRefusal)
        let page = TenantPage(
            name: tenant.name, slug: tenant.slug, edition: edition?.title ?? tenant.edition, environments: listed, facts: facts,
            create: create, invite: invite, leaving: leaving)
        guard let refusal = createRefusal ?? inviteRefusal else { return try show(page, current: "Tenants") }
        return try show(page, current: "Tenants", after: refusal)
    }

    /// Whether the environment's database answers.
    private func health(of environment: HostedEnvironment) async -> Pill {
        guard environment.state == .active else { return Pill("Being made", .warn) }
        do {
            let database = try await parts.tenants.database(of: environment.id)
            _ = try await database.read { try $0.row("SELECT 1") }
            return Pill("Healthy", .good)
        } catch {
            return Pill("Does not answer", .bad)
        }
    }
}
