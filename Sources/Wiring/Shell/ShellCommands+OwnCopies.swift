import API
import Hummingbird
import NIOCore
import OwnCopies
import Tenants
import Vocabulary
import Web

extension ShellCommands {
    private struct Fetch: Decodable {
        let copy: String?
        let passphrase: String?
        let recipients: [String]?
    }

    private struct Recipients: Decodable { let recipients: [String] }

    /// Making one answers line by line, as a restore does.
    func addOwnCopyCommands(to router: Router<HoldfastContext>) {
        let copies = installation.ownCopies
        command("own-copy list", .get, "/own-copies", on: router) { _, _ in
            let latest = try await copies.latest()
            return .list(
                try await installation.tenants.allEnvironments().compactMap { environment in
                    latest[environment.id].map { Self.describe($0, environment) }
                })
        }
        command("own-copy list", .get, "/environments/{label}/own-copies", on: router) { _, context in
            let environment = try await environment(context.parameter("label"))
            return .list(try await copies.list(of: environment.id).map { Self.describe($0, environment) })
        }
        command("own-copy make", .post, "/environments/{label}/own-copies", on: router) { _, context in
            let environment = try await environment(context.parameter("label"))
            let operation = try await copies.order(in: environment, by: context.principal)
            let operations = try await installation.operations(of: environment.id)
            return .lines { sink in
                var last = ""
                for try await update in operations.updates(of: operation.id) where update.message != last {
                    last = update.message
                    try await sink.write(Self.line(["step": .string(last)]))
                }
                let ended = try await operations.find(operation.id)
                guard ended.state == .succeeded, let id = ended.result["copy"]?.string.flatMap({ OwnCopyID($0) }) else {
                    return try await sink.write(Self.line(["problem": .string(ended.message)]))
                }
                try await sink.write(Self.line(["report": Self.describe(try await copies.find(id, of: environment.id), environment)]))
            }
        }
        command("own-copy fetch", .post, "/environments/{label}/own-copies/file", on: router) { request, context in
            let environment = try await environment(context.parameter("label"))
            let wanted = try await request.decode(Fetch.self, in: context)
            let newest = try await copies.newest()[environment.id]?.id
            guard let id = wanted.copy.map({ OwnCopyID($0) }) ?? newest else { throw Refusal.notFound("file") }
            let file = try await copies.fetch(
                id, of: environment, for: OwnCopies.Wish(passphrase: wanted.passphrase, recipients: wanted.recipients),
                by: context.principal)
            return .download(name: file.name, type: "application/octet-stream") { sink in
                for try await piece in file.content { try await sink.write(ByteBuffer(bytes: piece)) }
            }
        }
        command("own-copy recipients", .get, "/environments/{label}/own-copy-recipients", on: router) { _, context in
            let environment = try await environment(context.parameter("label"))
            return .json(["recipients": .array(try await copies.recipients(of: environment.id).map { .string($0.description) })])
        }
        command("own-copy recipients", .put, "/environments/{label}/own-copy-recipients", on: router) { request, context in
            let environment = try await environment(context.parameter("label"))
            let wanted = try await request.decode(Recipients.self, in: context)
            try await copies.setRecipients(wanted.recipients, in: environment, by: context.principal)
            return .json(["recipients": .array(try await copies.recipients(of: environment.id).map { .string($0.description) })])
        }
    }

    private static func line(_ value: JSONValue) -> ByteBuffer { ByteBuffer(string: value.text + "\n") }

    private static func describe(_ copy: OwnCopy, _ environment: HostedEnvironment) -> JSONValue {
        var members = copy.document.object ?? [:]
        members["environment"] = .string(environment.label)
        return .object(members)
    }
}
