import Hummingbird
import Identity
import Vocabulary
import Web

extension ShellCommands {
    private struct NewInvitation: Decodable {
        let identifier: String
        let role: String
        let tenant: String
    }

    func addAccountCommands(to router: Router<HoldfastContext>) {
        command("account invite", .post, "/invitations", on: router) { request, context in
            let wanted = try await request.decode(NewInvitation.self, in: context)
            let tenant = try await installation.tenants.find(slug: wanted.tenant)
            let invitation = try await installation.identity.invitations.invite(
                wanted.identifier, to: tenant.id, named: tenant.name, roles: [wanted.role], by: context.principal)
            return .json(
                ["id": .string(invitation.id.description), "expires_at": .string(invitation.expiresAt.description)], status: .created)
        }
        command("account list", .get, "/accounts", on: router) { _, _ in
            var accounts: [JSONValue] = []
            var cursor: String?
            repeat {
                let page = try await installation.identity.accounts.list(after: cursor, limit: 500)
                accounts += page.map(describe)
                cursor = page.count == 500 ? page.last?.identifier : nil
            } while cursor != nil
            return .list(accounts)
        }
        command("account disable", .post, "/accounts/{address}/disable", on: router) { _, context in
            let account = try await account(context.parameter("address"))
            try await installation.identity.accounts.disable(account.id, by: context.principal)
            return .json(["id": .string(account.id.description), "state": "disabled"])
        }
        command("account enable", .post, "/accounts/{address}/enable", on: router) { _, context in
            let account = try await account(context.parameter("address"))
            try await installation.identity.accounts.enable(account.id, by: context.principal)
            return .json(["id": .string(account.id.description), "state": "active"])
        }
        command("account appoint", .post, "/accounts/{address}/appoint", on: router) { _, context in
            let account = try await account(context.parameter("address"))
            try await installation.identity.staff.appoint(account.id, by: context.principal)
            return .json(["id": .string(account.id.description), "role": "operator"])
        }
        command("account link", .post, "/first-operator", on: router) { _, _ in
            guard let link = try await installation.identity.firstOperator.link() else {
                throw Refusal.conflict("claimed-already", "This installation has an operator already. Ask them to appoint another one.")
            }
            return .json(["link": .string(link)], status: .created)
        }
        addAccessCommands(to: router)
    }

    private func addAccessCommands(to router: Router<HoldfastContext>) {
        command("account devices", .get, "/accounts/{address}/devices", on: router) { _, context in
            let account = try await account(context.parameter("address"))
            return .list(try await installation.identity.devices.list(of: account.id).map(describe))
        }
        command("account sessions", .get, "/accounts/{address}/sessions", on: router) { _, context in
            let account = try await account(context.parameter("address"))
            return .list(try await installation.identity.sessions.list(of: account.id).map(describe))
        }
        command("account end", .post, "/accounts/{address}/end", on: router) { _, context in
            let account = try await account(context.parameter("address"))
            let ended = try await installation.identity.wayOut.endEverything(of: account.id, byOperator: context.principal)
            return .json(["id": .string(account.id.description), "sessions": .integer(Int64(ended))])
        }
    }

    private func account(_ address: String) async throws -> Account {
        guard let account = try await installation.identity.accounts.find(identifier: address.removingPercentEncoding ?? address) else {
            throw Refusal.notFound("account")
        }
        return account
    }

    private func describe(_ device: Device) -> JSONValue {
        [
            "id": .string(device.id.description), "name": device.name.map { .string($0) } ?? .null,
            "platform": .string(device.platform.name), "network": device.network.map { .string($0) } ?? .null,
            "state": .string(device.isTrusted ? "trusted" : "known"), "first_seen_at": .string(device.firstSeenAt.description),
            "last_seen_at": .string(device.lastSeenAt.description),
        ]
    }

    private func describe(_ session: Session) -> JSONValue {
        [
            "id": .string(session.id.description), "platform": .string(DevicePlatform(agent: session.agent).name),
            "device": session.device.map { .string($0.description) } ?? .null,
            "environment": session.environment.map { .string($0.description) } ?? .null,
            "created_at": .string(session.createdAt.description), "last_seen_at": .string(session.lastSeenAt.description),
        ]
    }

    private func describe(_ account: Account) -> JSONValue {
        [
            "id": .string(account.id.description), "identifier": .string(account.identifier), "name": .string(account.displayName),
            "state": .string(account.isActive ? "active" : "disabled"), "created_at": .string(account.createdAt.description),
        ]
    }
}
