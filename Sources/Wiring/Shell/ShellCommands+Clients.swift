import Hummingbird
import OIDCProvider
import Vocabulary
import Web

extension ShellCommands {
    private struct NewClient: Decodable {
        let name: String
        let kind: String?
        let environment: String?
        let redirect_uris: [String]
    }

    func addClientCommands(to router: Router<HoldfastContext>) {
        let clients = installation.provider.clients
        command("client create", .post, "/clients", on: router) { request, context in
            let wanted = try await request.decode(NewClient.self, in: context)
            guard let kind = Client.Kind(rawValue: wanted.kind ?? "public") else {
                throw Refusal.invalid("client-kind", "An application is public or confidential.", field: "kind")
            }
            var only: EnvironmentID?
            if let label = wanted.environment { only = try await environment(label).id }
            let (client, secret) = try await clients.register(
                .init(name: wanted.name, kind: kind, environment: only, redirectURIs: wanted.redirect_uris), by: context.principal)
            var answer = Self.describe(client)
            if let secret { answer["secret"] = .string(secret.text) }
            return .json(.object(answer), status: .created)
        }
        command("client list", .get, "/clients", on: router) { _, _ in
            .list(try await clients.list().map { .object(Self.describe($0)) })
        }
        command("client disable", .post, "/clients/{id}/disable", on: router) { _, context in
            try await clients.disable(context.parameter("id"), by: context.principal)
            return .json(["disabled": true])
        }
    }

    private static func describe(_ client: Client) -> [String: JSONValue] {
        [
            "id": .string(client.id), "name": .string(client.name), "kind": .string(client.kind.rawValue),
            "state": .string(client.state.rawValue), "redirect_uris": .array(client.redirectURIs.map { .string($0) }),
            "created_at": .string(client.createdAt.description),
        ]
    }
}
