import Hummingbird
import Identity
import Vocabulary
import Web

extension ShellCommands {
    private struct Wanted: Decodable {
        let address: String
        let role: String?
        let kind: String?
    }

    func addStaffCommands(to router: Router<HoldfastContext>) {
        let (staff, accounts) = (installation.identity.staff, installation.identity.accounts)
        @Sendable func person(_ wanted: Wanted) async throws -> Account {
            guard let account = try await accounts.find(identifier: wanted.address) else { throw Refusal.notFound("account") }
            return account
        }
        @Sendable func kind(_ wanted: Wanted) throws -> StaffAccess.Kind {
            guard let kind = wanted.kind.flatMap({ StaffAccess.Kind(rawValue: $0) }) else {
                throw Refusal.invalid("unknown-kind", "A kind is production, test or sandbox.", field: "kind")
            }
            return kind
        }
        command("staff list", .get, "/staff", on: router) { _, _ in
            let access = try await staff.access()
            let operators = try await staff.list()
            let others = Set(access.map(\.account)).subtracting(operators.map(\.id))
            let people = try await operators + accounts.find(others).values.sorted { $0.identifier < $1.identifier }
            return .list(
                people.map { one in
                    let kinds = access.filter { $0.account == one.id }.map(\.kind.rawValue).joined(separator: " ")
                    let role = operators.contains { $0.id == one.id } ? "operator" : "support"
                    return [
                        "identifier": .string(one.identifier), "name": .string(one.displayName), "role": .string(role),
                        "environments": .string(kinds),
                    ]
                })
        }
        command("staff give", .post, "/staff", on: router) { request, context in
            let wanted = try await request.decode(Wanted.self, in: context)
            let account = try await person(wanted)
            let isOperator = wanted.role == StaffAccess.Role.operates.rawValue
            if isOperator { try await staff.appoint(account.id, by: context.principal) }
            guard wanted.kind != nil || !isOperator else { return .json(["account": .string(account.identifier)]) }
            let already = try await staff.isOperator(account.id)
            try await staff.give(try kind(wanted), as: already ? .operates : .supports, to: account.id, by: context.principal)
            return .json(["account": .string(account.identifier)])
        }
        command("staff take", .post, "/staff/take", on: router) { request, context in
            let wanted = try await request.decode(Wanted.self, in: context)
            let account = try await person(wanted)
            if wanted.kind == nil {
                try await staff.dismiss(account.id, by: context.principal)
            } else {
                try await staff.take(try kind(wanted), from: account.id, by: context.principal)
            }
            return .json(["account": .string(account.identifier)])
        }
    }
}
