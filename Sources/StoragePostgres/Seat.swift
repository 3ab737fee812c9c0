import Storage

/// What a node knows of one database. Its connections rest in the ``Pool``.
final class Seat: Sendable {
    let name: DatabaseName
    /// Its name on the server.
    let database: String
    /// Its turn among the databases that want a thread.
    let lane: Int
    /// Who uses the database. Closed with `.missing` when it is destroyed.
    let gate = Gate()
    let queue: WriteQueue
    let habits = Habits()
    let shared = SharedReads()

    init(name: DatabaseName, database: String, lane: Int, options: PostgresOptions) {
        self.name = name
        self.database = database
        self.lane = lane
        queue = WriteQueue(limit: options.waitingWrites)
    }
}
