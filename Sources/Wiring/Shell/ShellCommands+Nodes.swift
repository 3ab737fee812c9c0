import Cluster
import Hummingbird
import Vocabulary
import Web

extension ShellCommands {
    func addNodeCommands(to router: Router<HoldfastContext>) {
        command("node list", .get, "/nodes", on: router) { [installation] _, _ in
            let nodes = try await installation.nodes.list()
            return .list(
                nodes.map { node in
                    [
                        "run": .string(node.run), "name": .string(node.name), "address": .string(node.address),
                        "version": .string(node.version), "started_at": .string(node.startedAt.description),
                        "seen_at": .string(node.seenAt.description), "leads": .bool(node.leads),
                        "asked": .bool(installation.nodes.isItself(node)), "apex": .string(node.settings.apex),
                        "objects": .string(node.settings.objects),
                    ]
                })
        }
    }
}
