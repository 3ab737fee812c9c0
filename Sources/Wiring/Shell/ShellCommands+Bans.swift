import Guarding
import Hummingbird
import Vocabulary
import Web

extension ShellCommands {
    private struct NewBan: Decodable {
        let addresses: String
        let seconds: Int
    }

    private struct Which: Decodable {
        /// A ban's identifier, or the addresses that it is for.
        let ban: String
    }

    private struct Addresses: Decodable {
        let addresses: String
    }

    func addBanCommands(to router: Router<HoldfastContext>) {
        let (bans, clock) = (installation.bans, installation.clock)
        command("ban list", .get, "/bans", on: router) { request, _ in
            let inForce = try await bans.inForce()
            let others = request.query("all") == nil ? [] : try await bans.history(limit: 1000)
            return .list((inForce + others).map { Self.describe($0, at: clock.now()) })
        }
        command("ban add", .post, "/bans", on: router) { request, context in
            let wanted = try await request.decode(NewBan.self, in: context)
            let ban = try await bans.add(AddressRange.typed(wanted.addresses), for: .seconds(wanted.seconds), by: context.principal)
            return .json(Self.describe(ban, at: clock.now()), status: .created)
        }
        command("ban lift", .post, "/bans/lift", on: router) { request, context in
            let wanted = try await request.decode(Which.self, in: context).ban
            var id = BanID(wanted)
            if id == nil, let ban = try await bans.newest(of: AddressRange.typed(wanted)), ban.isInForce(at: clock.now()) { id = ban.id }
            guard let id else { throw Refusal.notFound("ban in force") }
            return .json(Self.describe(try await bans.lift(id, by: context.principal), at: clock.now()))
        }
        command("ban allow list", .get, "/bans/allowed", on: router) { _, _ in
            .list(
                try await bans.allowed().map {
                    ["addresses": .string($0.range.description), "since": .string($0.since.description), "by": .string($0.by)]
                })
        }
        command("ban allow add", .post, "/bans/allowed", on: router) { request, context in
            let range = try AddressRange.typed(try await request.decode(Addresses.self, in: context).addresses)
            try await bans.allow(range, by: context.principal)
            return .json(["addresses": .string(range.description)], status: .created)
        }
        command("ban allow remove", .post, "/bans/allowed/remove", on: router) { request, context in
            let range = try AddressRange.typed(try await request.decode(Addresses.self, in: context).addresses)
            try await bans.disallow(range, by: context.principal)
            return .json(["addresses": .string(range.description)])
        }
    }

    private static func describe(_ ban: Ban, at now: Instant) -> JSONValue {
        [
            "id": .string(ban.id.description), "addresses": .string(ban.range.description), "reason": .string(ban.reason.name),
            "strike": .integer(Int64(ban.strike)), "since": .string(ban.since.description), "until": .string(ban.until.description),
            "state": .string(ban.liftedAt != nil ? "lifted" : ban.isInForce(at: now) ? "in-force" : "over"),
            "lifted_at": ban.liftedAt.map { .string($0.description) } ?? .null, "lifted_by": ban.liftedBy.map { .string($0) } ?? .null,
        ]
    }
}
