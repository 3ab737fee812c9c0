import Logging
import ServiceLifecycle
import Storage
import Synchronization
import Vocabulary

/// One run of the program on a shared database.
package struct Node: Sendable, Hashable {
    /// Names this run: the next start on the same machine is another one.
    package let run: String
    /// The machine's host name.
    package let name: String
    package let version: String
    package let startedAt: Instant

    package init(run: String, name: String, version: String, startedAt: Instant) {
        self.run = run
        self.name = name
        self.version = version
        self.startedAt = startedAt
    }
}

/// Who is at work on one control database. Each node holds a turn of its own for as long as it runs: no clock says who is there.
package final class Nodes: Service {
    private let database: any Database
    private let turns: any Turns
    private let itself: Node
    private let logger: Logger
    private let state = Mutex<(turn: (any Turn)?, others: Set<String>)>((nil, []))
    private let listeners = Mutex<[@Sendable () async -> Void]>([])
    static let pause = Duration.seconds(1)

    package init(_ database: any Database, turns: any Turns, itself: Node, logger: Logger) {
        self.database = database
        self.turns = turns
        self.itself = itself
        self.logger = logger
    }

    package static let migrations: [Migration] = [
        Migration("cluster_0003_nodes") { dialect in
            let (time, strict): (SQL, SQL) = dialect == .sqlite ? ("INTEGER", " STRICT") : ("BIGINT", "")
            return [
                "CREATE TABLE node (run TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, started_at \(time) NOT NULL)\(strict)"
            ]
        }
    ]

    /// Adds somebody who takes over what a node leaves behind when it is gone.
    package func listen(_ listener: @escaping @Sendable () async -> Void) { listeners.withLock { $0.append(listener) } }

    /// Whether a run of the program is going on, here or elsewhere. What an earlier run left unfinished may be taken up if not.
    package func isAtWork(_ run: String) async throws -> Bool {
        if run == itself.run { return true }
        return try await turns.isTaken(Self.turn(of: run))
    }

    package func list() async throws -> [Node] {
        try await database.read { reader in
            try reader.rows("SELECT run, name, version, started_at FROM node ORDER BY started_at, run").map { row in
                Node(run: try row.get(0), name: try row.get(1), version: try row.get(2), startedAt: try row.get(3))
            }
        }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await self.step() } catch {
                    if !Task.isCancelled { self.logger.warning("the nodes can't be seen", metadata: ["error": "\(type(of: error))"]) }
                }
                do { try await Task.sleep(for: Self.pause) } catch { break }
            }
        }
        await leave()
    }

    /// Shows that this node is there, and finds who is gone.
    package func step() async throws {
        try await enter()
        var (present, gone): (Set<String>, [Node]) = ([], [])
        for node in try await list() where node.run != itself.run {
            if try await turns.isTaken(Self.turn(of: node.run)) { present.insert(node.run) } else { gone.append(node) }
        }
        for node in gone {
            try await database.write { try $0.run("DELETE FROM node WHERE run = \(node.run)") }
            logger.warning("a node is gone", metadata: ["node": "\(node.name)", "run": "\(node.run)"])
        }
        // One that stopped in good order, or that another node found first, left work behind all the same.
        let before = state.withLock { state in
            defer { state.others = present }
            return state.others
        }
        guard !gone.isEmpty || !before.subtracting(present).isEmpty else { return }
        for listener in listeners.withLock({ $0 }) { await listener() }
    }

    private func enter() async throws {
        if let held = state.withLock({ $0.turn }), await held.holds() { return }
        guard let turn = try await turns.taking(Self.turn(of: itself.run)) else { throw StorageError.inUse }
        state.withLock { $0.turn = turn }
        try await database.write { [itself] transaction in
            try transaction.run(
                """
                INSERT INTO node (run, name, version, started_at) VALUES (\(itself.run), \(itself.name), \(itself.version), \(itself.startedAt))
                ON CONFLICT (run) DO NOTHING
                """)
        }
    }

    private func leave() async {
        let left = Task { [database, itself] in try await database.write { try $0.run("DELETE FROM node WHERE run = \(itself.run)") } }
        _ = await left.result
        let turn = state.withLock { state in
            defer { state.turn = nil }
            return state.turn
        }
        await turn?.givingBack()
    }

    private static func turn(of run: String) -> String { "run/\(run)" }
}
