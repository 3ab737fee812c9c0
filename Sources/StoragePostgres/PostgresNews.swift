import Glibc
import Storage
import Synchronization
import Vocabulary

/// Hears notifications in one database, on a thread and a connection of its own. It promises nothing: what is lost is lost, and whoever relies on
/// more has to look by itself.
package final class PostgresNews: Sendable {
    private let connector: Connector
    private let database: String
    private let isOver = Mutex(false)

    /// - Parameter name: the database; it need not exist yet.
    package init(_ options: PostgresOptions, in name: DatabaseName) {
        connector = Connector(options: options)
        database = Catalogue(connector).databaseName(name)
    }

    /// Calls `heard` for what was notified on the channel `holdfast`, and once after each connecting, for what was missed. Returns after ``stop()``.
    /// Call it on a thread that it may have for itself.
    package func listen(_ heard: () -> Void) {
        while !isOver.withLock({ $0 }) {
            do {
                let session = try connector.connect(database, patience: .zero)
                _ = try session.run("LISTEN holdfast")
                heard()
                while !isOver.withLock({ $0 }) {
                    if try session.hearsNotification(within: .milliseconds(500)) { heard() }
                }
            } catch {
                usleep(500_000)
            }
        }
    }

    /// ``listen(_:)`` returns within a second.
    package func stop() { isOver.withLock { $0 = true } }
}
