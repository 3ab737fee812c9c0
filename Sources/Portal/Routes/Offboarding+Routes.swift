import Foundation
import Hummingbird
import Tenants
import Vocabulary
import Web

/// How a customer leaves, in the vendor's console.
extension Portal {
    /// What begins it and calls it off; everything else is read from the register.
    package struct Offboarding: Sendable {
        let begin: @Sendable (TenantID, Instant?, _ reason: String, Principal) async throws -> Leaving
        let withdraw: @Sendable (TenantID, Principal) async throws -> Void

        package init(
            begin: @escaping @Sendable (TenantID, Instant?, _ reason: String, Principal) async throws -> Leaving,
            withdraw: @escaping @Sendable (TenantID, Principal) async throws -> Void
        ) {
            self.begin = begin
            self.withdraw = withdraw
        }
    }

    func addOffboarding(to router: Router<HoldfastContext>) {
        page("/tenants/{slug}/leaving", on: router) { visit in try await visit.showLeaving(of: visit.context.parameter("slug")) }
        action("/tenants/{slug}/leaving", on: router) { visit, form in
            let tenant = try await visit.tenantToLeave()
            do {
                guard form["slug"]?.trimmingCharacters(in: .whitespaces) == tenant.slug else {
                    throw Refusal.invalid(
                        "slug-confirmation", "Type \(tenant.slug), so that it isn't another one by mistake.", field: "slug")
                }
                let leaving = try await parts.offboarding.begin(
                    tenant.id, try visit.end(form["on"] ?? ""), form["reason"] ?? "", visit.principal)
                return try visit.go(
                    "/tenants/\(tenant.slug)/leaving",
                    Notice(
                        .done,
                        "\(leaving.name) is leaving. Its owners were told. Until \(Moment(leaving.endsAt).text) it can be called off."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showLeaving(of: tenant.slug, typed: form, refusal: refusal)
            }
        }
        action("/tenants/{slug}/leaving/withdrawal", on: router) { visit, _ in
            let tenant = try await visit.tenantToLeave()
            do {
                try await parts.offboarding.withdraw(tenant.id, visit.principal)
                return try visit.go("/tenants/\(tenant.slug)", Notice(.done, "\(tenant.name) stays. Everything is as it was."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showLeaving(of: tenant.slug, refusal: refusal)
            }
        }
        page("/tenants/{slug}/certificate", on: router) { visit in
            try visit.requireOperator()
            let tenant = try await parts.tenants.find(slug: visit.context.parameter("slug"))
            guard let certificate = try await parts.tenants.leaving(tenant.id)?.certificate else { throw Refusal.notFound("certificate") }
            return .download(name: "\(tenant.slug)-offboarding.txt", type: "text/plain; charset=utf-8") { sink in
                try await sink.write(certificate)
            }
        }
    }
}

extension Visit {
    fileprivate func tenantToLeave() async throws -> Tenant {
        try requireOperator()
        try context.requireRecentProof()
        try await requireReach(to: HostedEnvironment.Kind.production.rawValue)
        return try await parts.tenants.find(slug: try context.parameter("slug"))
    }

    /// The beginning of a day; nil where nothing was chosen.
    fileprivate func end(_ day: String) throws -> Instant? {
        guard !day.isEmpty else { return nil }
        guard let end = Instant(day + "T00:00:00Z") else {
            throw Refusal.invalid("leaving-end-invalid", "Choose a day.", field: "on")
        }
        // A slip of the hand must leave time to call it off.
        guard end > parts.clock.now() else {
            throw Refusal.invalid(
                "leaving-end-invalid", "Choose a day from tomorrow on. To destroy at once, use the command line.", field: "on")
        }
        return end
    }

    fileprivate func showLeaving(of slug: String, typed: Form? = nil, refusal: Refusal? = nil) async throws -> Response {
        try requireOperator()
        let tenant = try await parts.tenants.find(slug: slug)
        if let leaving = try await parts.tenants.leaving(tenant.id) {
            let page = LeavingPage(leaving, stayRefusal: refusal)
            guard let refusal else { return try show(page, current: "Tenants") }
            return try show(page, current: "Tenants", after: refusal)
        }
        let usual = "\(parts.clock.now() + Leaving.usualWindow)".prefix(10)
        let page = FormPage(
            Head("Offboard \(tenant.name)", lead: "Its people can fetch everything for a while. Then all of it is destroyed, backups too."),
            crumbs: [Link("Tenants", "/tenants"), Link(tenant.name, "/tenants/\(slug)")],
            notice: Remark("From now on nothing can be changed there. It can be called off until the day, and not after it.", tone: .warn),
            form: Sheet(
                action: "/tenants/\(slug)/leaving", button: "Begin offboarding", cancel: Link("Cancel", "/tenants/\(slug)"),
                fields: [
                    FormField(
                        "on", "Destroy everything on", .date, value: typed?["on"] ?? String(usual),
                        hint: "14 days from now, or sooner on their request."),
                    FormField("reason", "Reason", value: typed?["reason"] ?? "", hint: "Stands in the certificate.", autocomplete: "off"),
                    FormField(
                        "slug", "Type \(slug) to confirm", value: typed?["slug"] ?? "", isRequired: true, autocomplete: "off"),
                ], refusal: refusal), isDangerous: true)
        guard let refusal else { return try show(page, current: "Tenants") }
        return try show(page, current: "Tenants", after: refusal)
    }
}
