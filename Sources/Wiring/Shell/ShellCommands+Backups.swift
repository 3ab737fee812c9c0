import API
import Hummingbird
import Jobs
import NIOCore
import Records
import Recovery
import Tenants
import Vocabulary
import Web

extension ShellCommands {
    /// A restore answers line by line, JSON each: `{"step": …}` while it goes on, then one `{"report": …}` or `{"problem": …}`. It doesn't end when
    /// nobody reads on.
    func addBackupCommands(to router: Router<HoldfastContext>) {
        command("restore", .post, "/environments/{label}/restores", on: router) { request, context in
            let wish = try await request.decode(RestoreWish.self, in: context)
            let environment = try await environment(context.parameter("label"))
            let actor = Actor(principal: context.principal, roles: [Role.owner])
            let order = try await wish.order(in: installation.workspace(of: environment.id), by: actor)
            let operation = try await installation.restores.order(order, in: environment, by: actor)
            let operations = try await installation.operations(of: environment.id)
            return .lines { sink in
                var last = ""
                for try await update in operations.updates(of: operation.id) where update.message != last {
                    last = update.message
                    try await sink.write(Self.line(["step": .string(last)]))
                }
                let restore = try await installation.restores.find(operation.id, of: environment)
                guard restore.operation.state == .succeeded else {
                    return try await sink.write(Self.line(["problem": .string(restore.operation.message)]))
                }
                try await sink.write(Self.line(["report": restore.document]))
            }
        }
        command("backup drill", .post, "/environments/{label}/drills", on: router) { _, context in
            let environment = try await environment(context.parameter("label"))
            guard let drill = try await installation.drills.run(environment, by: context.principal) else {
                throw Refusal.conflict("no-copy-yet", "The first copy of \(environment.label) is still being made. Try again in a moment.")
            }
            return .json(Self.describe(drill, environment))
        }
        command("backup drills", .get, "/drills", on: router) { _, _ in
            let latest = try await installation.drills.latest()
            return .list(
                try await installation.tenants.allEnvironments().compactMap { environment in
                    latest[environment.id].map { Self.describe($0, environment) }
                })
        }
    }

    private static func line(_ value: JSONValue) -> ByteBuffer { ByteBuffer(string: value.text + "\n") }

    private static func describe(_ drill: Drill, _ environment: HostedEnvironment) -> JSONValue {
        var members = drill.document.object ?? [:]
        members["environment"] = .string(environment.label)
        return .object(members)
    }
}
