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
            let page = MemberDevicesPage(
                name: name, place: room.tenant.name, address: "/people/\(id)",
                devices: uses.map { use in
                    .init(
                        platform: use.platform.name,
                        state: use.isRevoked ? Pill("Revoked", .bad) : use.isTrusted ? Pill("Trusted", .info) : Pill("Known"),
                        seen: Moment(use.lastSeenAt), since: Moment(use.firstSeenAt))
                },
                unusual: try await parts.desk.risks.list(in: room.tenant.id).filter { $0.account == id }.map {
                    UnusualRow($0, from: [], dismiss: id == room.visit.account.id ? nil : "/people/risks/\($0.id)/dismiss")
                })
            return try room.show(page, current: "People")
        }
    }
}
