import Cluster
import Hummingbird
import Vocabulary
import Web

/// Who serves this installation. For operators, where there are several.
extension Portal {
    func addNodes(to router: Router<HoldfastContext>) {
        page("/nodes", on: router) { visit in
            try visit.requireOperator()
            guard let nodes = parts.nodes else { throw Refusal.notFound("page") }
            let now = parts.clock.now()
            let listed = try await nodes.list()
            let rows = listed.map { node in
                NodesPage.Row(
                    name: node.name, address: node.address, version: node.version, started: Moment(node.startedAt),
                    seen: Moment(node.seenAt), state: Self.state(of: node, at: now), isAsked: nodes.isItself(node))
            }
            return try visit.show(
                NodesPage(nodes: rows, places: Set(listed.map(\.settings.objects).filter { !$0.isEmpty }).sorted()), current: "Nodes")
        }
    }

    private static func state(of node: Node, at now: Instant) -> Pill {
        if node.seenAt + Nodes.pulse * 3 < now { return Pill("Stands still", .bad) }
        return node.leads ? Pill("Leads", .info) : Pill("At work", .good)
    }
}
