import Hummingbird
import Ledger
import Tenants
import Vocabulary
import Web

extension ShellCommands {
    private struct WantedLeaving: Decodable {
        let on: String?
        let reason: String?
    }

    func addLeavingCommands(to router: Router<HoldfastContext>) {
        let (tenants, departures) = (installation.tenants, installation.departures)
        command("tenant offboard", .post, "/tenants/{slug}/leaving", on: router) { request, context in
            let wanted = try await request.decode(WantedLeaving.self, in: context)
            let end = try wanted.on.map { text in
                guard let end = Instant(text) ?? Instant(text + "T00:00:00Z") else {
                    throw Refusal.invalid(
                        "leaving-end-invalid", "Give a day or a moment, such as 2026-12-06 or 2026-12-06T12:00:00Z.", field: "on")
                }
                return end
            }
            let tenant = try await tenants.find(slug: context.parameter("slug"))
            let leaving = try await departures.begin(tenant.id, on: end, reason: wanted.reason ?? "", by: context.principal)
            return .json(describe(leaving), status: .created)
        }
        command("tenant stay", .delete, "/tenants/{slug}/leaving", on: router) { _, context in
            let tenant = try await tenants.find(slug: context.parameter("slug"))
            try await departures.withdraw(tenant.id, by: context.principal)
            return .json(["slug": .string(tenant.slug), "stage": "stays"])
        }
        command("tenant leaving", .get, "/tenants/{slug}/leaving", on: router) { _, context in
            .json(describe(try await leaving(context)))
        }
        command("tenant leaving", .get, "/leaving", on: router) { _, _ in .list(try await tenants.allLeaving().map(describe)) }
        /// What time would bring anyway, now: for a day that has come, and for destinations that are back.
        command("tenant leaving", .post, "/leaving/round", on: router) { _, context in
            await departures.round(by: context.principal)
            return .list(try await tenants.allLeaving().map(describe))
        }
        command("tenant certificate", .get, "/tenants/{slug}/certificate", on: router) { _, context in
            let leaving = try await leaving(context)
            guard let certificate = leaving.certificate else {
                let waiting = leaving.waiting.isEmpty ? "" : " Waiting for \(leaving.waiting.joined(separator: "; "))."
                throw Refusal.conflict("leaving-unfinished", "There is no certificate yet: not everything is destroyed.\(waiting)")
            }
            return .json(["certificate": .string(certificate)])
        }
    }

    private func leaving(_ context: HoldfastContext) async throws -> Leaving {
        let tenant = try await installation.tenants.find(slug: context.parameter("slug"))
        guard let leaving = try await installation.tenants.leaving(tenant.id) else { throw Leaving.Refusal.none }
        return leaving
    }

    private func describe(_ leaving: Leaving) -> JSONValue {
        [
            "slug": .string(leaving.slug), "name": .string(leaving.name), "stage": .string(leaving.stage.rawValue),
            "requested_at": .string("\(leaving.requestedAt)"), "ends_at": .string("\(leaving.endsAt)"), "reason": .string(leaving.reason),
            "gone_at": leaving.goneAt.map { .string("\($0)") } ?? .null, "waiting": .array(leaving.waiting.map { .string($0) }),
        ]
    }
}
