import Controls
import Hummingbird
import Vocabulary
import Web

extension ShellCommands {
    func addControlCommands(to router: Router<HoldfastContext>) {
        command("controls", .get, "/controls", on: router) { _, _ in
            .list(try await installation.controlResults.list().map(\.json))
        }
        command("controls check", .post, "/controls", on: router) { _, _ in
            .list(try await rounds.checkAll().map(\.json))
        }
        command("controls check", .post, "/controls/{control}", on: router) { _, context in
            guard let control = context.parameters.get("control"), let found = try await rounds.check(control) else {
                throw Refusal.notFound("control")
            }
            return .list([found.json])
        }
    }
}
