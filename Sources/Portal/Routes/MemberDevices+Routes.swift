import Hummingbird
import Identity
import Vocabulary
import Web

extension Portal {
    /// What a member came in with, for the tenant's administrators.
    func addMemberDevices(to router: Router<HoldfastContext>) {
        room("/people/{id}/devices", on: router) { room in
            try await room.workspace.roles.require(.managePeople, by: room.actor)
            let id: AccountID = try room.context.id("id", what: "member")
            let uses = try await parts.desk.devices.uses(by: id, in: room.tenant.id)
            let name = try await parts.accounts.find(id)?.displayName ?? "a former member"
            let enders = try await parts.accounts.find(uses.compactMap(\.endedBy))
            let page = MemberDevicesPage(
                name: name, place: room.tenant.name, address: "/people/\(id)",
                devices: uses.map { use in
                    .init(
                        platform: use.platform.name,
                        state: use.isRevoked ? Pill("Revoked", .bad) : use.isTrusted ? Pill("Trusted", .info) : Pill("Known"),
                        seen: Moment(use.lastSeenAt), since: Moment(use.firstSeenAt), sessions: use.sessions,
                        ended: use.endedAt.map { (use.endedBy.flatMap { enders[$0]?.displayName } ?? "a former member", Moment($0)) },
                        end: use.isRevoked ? nil : "/people/\(id)/devices/\(use.device)/end")
                },
                unusual: try await parts.desk.risks.list(in: room.tenant.id).filter { $0.account == id }.map {
                    UnusualRow($0, from: [], dismiss: id == room.visit.account.id ? nil : "/people/risks/\($0.id)/dismiss")
                })
            return try room.show(page, current: "People")
        }
        deed("/people/{id}/devices/{device}/end", on: router) { room, _ in
            try await room.workspace.roles.require(.managePeople, by: room.actor)
            try room.context.requireRecentProof()
            let device: DeviceID = try room.context.id("device", what: "device")
            let (membership, account) = try await room.member()
            let vouched = try await room.vouch(taking: membership.roles.map(\.name))
            let ended = try await parts.desk.devices.endSessions(
                on: device, of: account.id, in: room.tenant.id, vouched: vouched, by: room.visit.principal)
            return try room.go(
                "/people/\(account.id)/devices",
                Notice(
                    .done, "\(Numeral.count(ended, "session")) ended. To come back on that device, they have to show again who they are."))
        }
    }
}
