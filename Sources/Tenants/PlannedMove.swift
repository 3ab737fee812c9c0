import Storage
import Vocabulary

/// A move as the register has it, from before its first step until nothing is left of the copy that is not in use.
///
/// Which of the two that is, the environment itself says: whatever interrupts a move, the environment is whole at one of both places, and the
/// other copy is rubbish that may be removed.
struct PlannedMove: Sendable, Hashable {
    struct Copy: Sendable, Hashable {
        let place: Places.Name
        let number: Int
    }

    let environment: EnvironmentID
    let from: Copy
    let to: Copy
    let startedAt: Instant

    static func list(_ condition: SQL, in reader: any Reader) throws -> [PlannedMove] {
        try reader.rows(
            "SELECT environment, from_place, from_copy, to_place, to_copy, started_at FROM environment_move WHERE \(condition)"
        ).map { row in
            PlannedMove(
                environment: try row.get(0), from: Copy(place: try row.get(1), number: try row.get(2)),
                to: Copy(place: try row.get(3), number: try row.get(4)), startedAt: try row.get(5))
        }
    }

    func insert(in transaction: any Transaction) throws {
        try transaction.run(
            """
            INSERT INTO environment_move (environment, from_place, from_copy, to_place, to_copy, started_at)
            VALUES (\(environment), \(from.place), \(from.number), \(to.place), \(to.number), \(startedAt))
            """)
    }

    func remove(in transaction: any Transaction) throws {
        try transaction.run("DELETE FROM environment_move WHERE environment = \(environment)")
    }
}
