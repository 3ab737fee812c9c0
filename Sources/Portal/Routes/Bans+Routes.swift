import Guarding
import Hummingbird
import Vocabulary
import Web

/// Who is kept out. For operators.
extension Portal {
    func addBans(to router: Router<HoldfastContext>) {
        page("/bans", on: router) { try await $0.showBans() }
        action("/bans", on: router) { visit, form in
            try visit.requireOperator()
            do {
                guard let hours = Int(form["hours"] ?? ""), (1...24 * 366).contains(hours) else {
                    throw Refusal.invalid("ban-length", "Choose how long.", field: "hours")
                }
                let ban = try await parts.bans.add(
                    AddressRange.typed(try form.require("addresses")), for: .hours(hours), by: visit.principal)
                return try visit.go("/bans", Notice(.done, "\(ban.range) is banned.", undo: "/bans/\(ban.id)/lift"))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showBans(adding: form["addresses"] ?? "", refusal)
            }
        }
        action("/bans/{id}/lift", on: router) { visit, _ in
            try visit.requireOperator()
            let ban = try await parts.bans.lift(try visit.context.id("id", of: Kinds.Ban.self, what: "ban"), by: visit.principal)
            return try visit.go("/bans", Notice(.done, "\(ban.range) may come in again.", undo: "/bans/\(ban.id)/reinstate"))
        }
        action("/bans/{id}/reinstate", on: router) { visit, _ in
            try visit.requireOperator()
            do {
                let ban = try await parts.bans.reinstate(try visit.context.id("id", of: Kinds.Ban.self, what: "ban"), by: visit.principal)
                return try visit.go("/bans", Notice(.done, "\(ban.range) is banned again."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try visit.go("/bans", Notice(.problem, refusal.message))
            }
        }
        action("/bans/allowed", on: router) { visit, form in
            try visit.requireOperator()
            do {
                let range = try AddressRange.typed(try form.require("addresses"))
                try await parts.bans.allow(range, by: visit.principal)
                return try visit.go("/bans", Notice(.done, "\(range) is never banned."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showBans(allowing: form["addresses"] ?? "", refusal)
            }
        }
        action("/bans/allowed/remove", on: router) { visit, form in
            try visit.requireOperator()
            let range = try AddressRange.typed(try form.require("addresses"))
            try await parts.bans.disallow(range, by: visit.principal)
            return try visit.go("/bans", Notice(.done, "\(range) can be banned like any other."))
        }
    }
}

extension Visit {
    fileprivate func showBans(adding: String? = nil, allowing: String? = nil, _ refusal: Refusal? = nil) async throws -> Response {
        try requireOperator()
        let page = BansPage(
            bans: try await parts.bans.inForce().map { row($0, Pill("In force", .bad)) },
            history: try await parts.bans.history().map { row($0, $0.liftedAt == nil ? Pill("Over") : Pill("Lifted", .info)) },
            allowed: try await parts.bans.allowed().map { .init(addresses: $0.range.description, since: Moment($0.since)) },
            add: BanForms.add(adding ?? "", adding == nil ? nil : refusal),
            allow: BanForms.allow(allowing ?? "", allowing == nil ? nil : refusal))
        guard let refusal else { return try show(page, current: "Bans") }
        return try show(page, current: "Bans", after: refusal)
    }

    private func row(_ ban: Ban, _ state: Pill) -> BansPage.Row {
        let title = ban.reason.title
        return BansPage.Row(
            addresses: ban.range.description, reason: title.prefix(1).uppercased() + title.dropFirst(), strike: ban.strike,
            since: Moment(ban.since), until: Moment(ban.until), state: state, lift: ban.liftedAt == nil ? "/bans/\(ban.id)/lift" : nil)
    }
}

package enum BanForms {
    package static func add(_ typed: String = "", _ refusal: Refusal? = nil) -> Sheet {
        Sheet(
            action: "/bans", button: "Ban",
            fields: [
                FormField(
                    "addresses", "Ban an address or a range", value: typed, hint: "Such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/48.",
                    isRequired: true, autocomplete: "off", id: "ban-addresses"),
                FormField(
                    "hours", "For",
                    .select([.init("1", "an hour"), .init("24", "a day"), .init("168", "a week"), .init("720", "30 days")]),
                    value: "24"),
            ], refusal: refusal)
    }

    package static func allow(_ typed: String = "", _ refusal: Refusal? = nil) -> Sheet {
        Sheet(
            action: "/bans/allowed", button: "Never ban",
            fields: [
                FormField(
                    "addresses", "Never ban an address or a range", value: typed, isRequired: true, autocomplete: "off",
                    id: "allow-addresses")
            ], refusal: refusal)
    }
}
