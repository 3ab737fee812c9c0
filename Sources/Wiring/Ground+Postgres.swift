import Cluster
import Foundation
import PgBackRest
import Recovery
import ServiceLifecycle
import Storage
import StoragePostgres
import Tenants
import Vocabulary

extension Ground {
    /// Databases on a PostgreSQL server, for several nodes; the keyring's on another one, if it is named, so that no backup of the server holds both.
    /// - Parameter backups: what keeps the server's databases.
    /// - Throws: ``StorageError``
    package static func postgres(
        _ options: PostgresOptions, keyring: PostgresOptions? = nil, backups: PgBackRest? = nil
    ) async throws -> Ground {
        let engine = try await PostgresEngine.start(options)
        var keys: PostgresEngine?
        if var keyring {
            keyring.connections = PostgresOptions.connectionsMin
            do { keys = try await PostgresEngine.start(keyring) } catch {
                await engine.shutdown()
                throw error
            }
        }
        let locks = PostgresLocks(options)
        var ground = Ground(
            engine: engine, keyringEngine: keys, turns: PostgresTurns(locks: locks), isShared: true,
            news: { NewsService(news: PostgresNews(options, in: .control), bell: $0) }, leave: { locks.close() })
        ground.cluster = backups.map { ClusterBackups($0, of: engine) }
        return ground
    }

    /// A server that environments can be moved to from files.
    /// - Throws: ``StorageError``
    package static func further(_ options: PostgresOptions) async throws -> [Places.Name: any Engine] {
        [Places.postgres: try await PostgresEngine.start(options)]
    }

    /// The keyring's database, made if there is none, and what keeps it in step.
    package func keyShelf(place: String) async throws -> DatabaseKeyShelf {
        // A mark and no lock: what lies in it is wrapped by the master key.
        let key = Secret([UInt8](repeating: 0, count: 32))
        let engine = keyringEngine ?? engine
        if try await !engine.exists(.keyring) {
            do { try await engine.create(.keyring, key: key, schema: Schemas.keyring) { _ in } } catch StorageError.exists {}
        }
        let database = try await engine.open(.keyring, schema: Schemas.keyring) { key }
        return try await DatabaseKeyShelf(database, place: place, lease: lease, turns: turns)
    }
}

/// Turns as the server's locks.
private struct PostgresTurns: Turns {
    let locks: PostgresLocks

    struct Held: Turn {
        let lock: PostgresLocks.Lock
        func isHeld() -> Bool { lock.isHeld() }
        func giveBack() { lock.giveBack() }
    }

    func take(_ name: String) throws -> (any Turn)? { try locks.take(name).map(Held.init) }
}

/// Rings when something was notified.
private struct NewsService: Service {
    let news: PostgresNews
    let bell: Bell

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withCheckedContinuation { continuation in
                // A thread of its own for as long as it runs.
                Thread.detachNewThread {
                    news.listen { bell.ring() }
                    continuation.resume()
                }
            }
        } onCancelOrGracefulShutdown: {
            news.stop()
        }
    }
}
