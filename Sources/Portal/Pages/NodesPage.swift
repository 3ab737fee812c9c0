import Vocabulary

/// The nodes at work, for operators.
package struct NodesPage: Page {
    package struct Row: Sendable {
        let name: String
        let address: String
        let version: String
        let started: Moment
        let seen: Moment
        let state: Pill
        let isAsked: Bool

        /// `isAsked`: whether it is the one that answers.
        package init(name: String, address: String, version: String, started: Moment, seen: Moment, state: Pill, isAsked: Bool) {
            self.name = name
            self.address = address
            self.version = version
            self.started = started
            self.seen = seen
            self.state = state
            self.isAsked = isAsked
        }
    }

    package let template = "nodes"
    package let title = "Nodes"
    let head: Head
    let nodes: [Row]
    /// Where the logs are published, if that is not one place.
    let places: String?

    package init(nodes: [Row], places: [String]) {
        head = Head("Nodes", lead: "The processes that serve this installation together. One leads: it checks the promises and sweeps.")
        self.nodes = nodes
        self.places = places.count > 1 ? places.joined(separator: ", ") : nil
    }
}
