import Records
import Vocabulary

extension Installation {
    /// A node is gone. What it was at is taken up: environments that were half made, and imports.
    ///
    /// Each node takes up what people ask for next; the one that leads goes through everything, so that nothing waits for somebody to come by.
    package func takeOver() async {
        importDesk.meetAgain()
        guard leadership.isLeader else { return }
        let logger = surroundings.logger
        do {
            _ = try await tenants.recover(by: Principal(.platform(component: "server")))
            for place in try await places() {
                if Task.isCancelled { return }
                _ = try await workspace(of: place.id)
            }
        } catch {
            logger.error("what a node left behind could not be taken up", metadata: ["error": "\(type(of: error))"])
        }
    }
}
