import Logging
import ServiceLifecycle
import Vocabulary

/// Looks for invalidations of other nodes four times in each lease, and at once when somebody rings.
///
/// Start it before what serves requests, so that it ends after it.
package struct CoherenceWatch: Service {
    /// Rung by whoever hears that something was noted.
    package let bell = Bell()
    private let looks: [Look]
    private let logger: Logger
    private static let pause = CacheLease.length / 4

    /// Something of another database that is remembered here; the name is for the log.
    package struct Look: Sendable {
        let name: String
        let look: @Sendable () async throws -> Void

        package init(_ name: String, _ look: @escaping @Sendable () async throws -> Void) {
            self.name = name
            self.look = look
        }
    }

    package init(_ looks: [Look], logger: Logger) {
        self.looks = looks
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            // Each at its own pace: one that hangs must not keep the others from being renewed.
            await withDiscardingTaskGroup { group in
                for look in looks { group.addTask { await repeating(look.name, look.look) } }
            }
        }
    }

    private func repeating(_ name: String, _ look: @Sendable () async throws -> Void) async {
        var isBlind = false
        while !Task.isCancelled {
            let rings = bell.rings
            do {
                try await look()
                if isBlind { logger.notice("changes by other nodes are seen again", metadata: ["database": "\(name)"]) }
                isBlind = false
            } catch {
                if !isBlind, !Task.isCancelled {
                    logger.error(
                        "changes by other nodes can't be seen: nothing is answered from memory",
                        metadata: ["database": "\(name)", "error": "\(type(of: error))"])
                }
                isBlind = true
            }
            await bell.wait(beyond: rings, atMost: Self.pause)
        }
    }
}
