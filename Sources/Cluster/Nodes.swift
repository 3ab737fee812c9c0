import Logging
import ServiceLifecycle
import Storage
import Synchronization
import Vocabulary

/// One run of the program on a shared database.
package struct Node: Sendable, Hashable {
    /// What all nodes of an installation have to be started with alike.
    package struct Settings: Sendable, Hashable {
        /// The installation's host name. Empty where it isn't known: a node of an earlier release.
        package let apex: String
        /// Where the logs are published, without secrets. Empty where it isn't known.
        package let objects: String

        package init(apex: String = "", objects: String = "") {
            self.apex = apex
            self.objects = objects
        }
    }

    /// Names this run: the next start on the same machine is another one.
    package let run: String
    /// The machine's host name.
    package let name: String
    package let version: String
    package let startedAt: Instant
    /// Where it listens: host and port.
    package let address: String
    package let settings: Settings
    /// When it last said that it is there; some ``Nodes/pulse`` ago while it works.
    package let seenAt: Instant
    /// Whether it led when it said so.
    package let leads: Bool

    package init(
        run: String, name: String, version: String, startedAt: Instant, address: String = "", settings: Settings = Settings(),
        seenAt: Instant? = nil, leads: Bool = false
    ) {
        self.run = run
        self.name = name
        self.version = version
        self.startedAt = startedAt
        self.address = address
        self.settings = settings
        self.seenAt = seenAt ?? startedAt
        self.leads = leads
    }
}

/// A node was started for another host name than those that are at work.
package struct ForeignApex: Error, Sendable, Equatable, CustomStringConvertible {
    package let node: String
    package let apex: String

    package var description: String {
        "Node \(node) serves this installation as \(apex). All nodes have the same --apex; start this one with --apex \(apex), or stop the others first."
    }
}

/// Who is at work on one control database. Each node holds a turn of its own for as long as it runs: no clock says who is there.
package final class Nodes: Service {
    private let database: any Database
    private let turns: any Turns
    private let itself: Node
    private let clock: any Vocabulary.Clock
    private let leads: @Sendable () -> Bool
    private let logger: Logger
    private let state = Mutex<State>(State())
    private let listeners = Mutex<[@Sendable () async -> Void]>([])
    static let pause = Duration.seconds(1)
    /// How often a node says that it is there, for people who look. Whether it is there nobody needs to be told: it holds its turn.
    package static let pulse = Duration.seconds(10)

    private struct State {
        var turn: (any Turn)?
        var others: Set<String> = []
        var said: (at: Instant, leads: Bool)?
    }

    package init(
        _ database: any Database, turns: any Turns, itself: Node, clock: any Vocabulary.Clock, logger: Logger,
        leads: @escaping @Sendable () -> Bool = { false }
    ) {
        self.database = database
        self.turns = turns
        self.itself = itself
        self.clock = clock
        self.leads = leads
        self.logger = logger
    }

    package static let migrations: [Migration] = [
        Migration("cluster_0003_nodes") { dialect in
            let (time, strict): (SQL, SQL) = dialect == .sqlite ? ("INTEGER", " STRICT") : ("BIGINT", "")
            return [
                "CREATE TABLE node (run TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, started_at \(time) NOT NULL)\(strict)"
            ]
        },
        Migration("cluster_0004_nodes_seen") { dialect in
            let (time, number): (SQL, SQL) = dialect == .sqlite ? ("INTEGER", "INTEGER") : ("BIGINT", "BIGINT")
            return [
                "ALTER TABLE node ADD COLUMN address TEXT NOT NULL DEFAULT ''", "ALTER TABLE node ADD COLUMN apex TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE node ADD COLUMN objects TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE node ADD COLUMN seen_at \(time) NOT NULL DEFAULT 0",
                "ALTER TABLE node ADD COLUMN leads \(number) NOT NULL DEFAULT 0",
            ]
        },
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
            try reader.rows(
                "SELECT run, name, version, started_at, address, apex, objects, seen_at, leads FROM node ORDER BY started_at, run"
            ).map { row in
                let (startedAt, seenAt): (Instant, Instant) = (try row.get(3), try row.get(7))
                return Node(
                    run: try row.get(0), name: try row.get(1), version: try row.get(2), startedAt: startedAt, address: try row.get(4),
                    settings: .init(apex: try row.get(5), objects: try row.get(6)), seenAt: max(startedAt, seenAt),
                    leads: try row.get(8, as: Int.self) != 0)
            }
        }
    }

    /// Whether `node` is this one.
    package func isItself(_ node: Node) -> Bool { node.run == itself.run }

    /// Sees that this node, which has entered, was started like the others; leaves and throws where it can't work beside them.
    /// - Throws: ``ForeignApex``
    package func agree() async throws {
        for node in try await list() where node.run != itself.run {
            let (ours, theirs) = (itself.settings, node.settings)
            if !theirs.apex.isEmpty, theirs.apex != ours.apex, try await isAtWork(node.run) {
                await leave()
                throw ForeignApex(node: node.name, apex: theirs.apex)
            }
            if !theirs.objects.isEmpty, theirs.objects != ours.objects {
                logger.warning(
                    "another node publishes the logs to another place: give all the same --objects",
                    metadata: ["node": "\(node.name)", "there": "\(theirs.objects)", "here": "\(ours.objects)"])
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
        if let held = state.withLock({ $0.turn }), await held.holds() { return try await say() }
        guard let turn = try await turns.taking(Self.turn(of: itself.run)) else { throw StorageError.inUse }
        state.withLock { state in
            state.turn = turn
            state.said = nil
        }
        try await say()
    }

    /// Writes down that this node is there, and whether it leads, unless it lately did.
    private func say() async throws {
        let (now, leads) = (clock.now(), leads())
        let said = state.withLock { $0.said }
        if let said, said.leads == leads, said.at <= now, now < said.at + Self.pulse { return }
        try await database.write { [itself] transaction in
            try transaction.run(
                """
                INSERT INTO node (run, name, version, started_at, address, apex, objects, seen_at, leads)
                VALUES (
                    \(itself.run), \(itself.name), \(itself.version), \(itself.startedAt), \(itself.address), \(itself.settings.apex),
                    \(itself.settings.objects), \(now), \(leads ? 1 : 0))
                ON CONFLICT (run) DO UPDATE SET seen_at = excluded.seen_at, leads = excluded.leads
                """)
        }
        state.withLock { $0.said = (now, leads) }
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
