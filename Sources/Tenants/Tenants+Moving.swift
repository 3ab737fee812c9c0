import Audit
import Cluster
import Moving
import Sealing
import Storage
import Vocabulary

extension Tenants {
    /// Moves an environment's database to another place while it is in use. Writers wait for the last step only; nobody else notices.
    ///
    /// The new copy has a key of its own. The old one is removed with its key, so that no piece of it can be read, wherever it may lie.
    /// - Parameter watch: told of each step; it must return at once, since writers may be waiting.
    /// - Throws: ``Refusal`` `place-unknown`, `place-same`, `place-taken`, `move-running`, `move-unfinished`, `move-given-up`, `not-found`; `sealed`
    ///   from the keyring. The environment is then where it was.
    package func move(
        _ id: EnvironmentID, to place: Places.Name, by principal: Principal, pace: MovePace = MovePace(),
        watch: @escaping @Sendable (MoveProgress) async throws -> Void = { _ in }
    ) async throws -> MoveReport {
        try requireKeyring()
        guard places.contains(place) else { throw places.unknown(place) }
        guard let turn = try await turns.taking(Self.turn(ofMove: id)) else {
            throw Refusal.conflict("move-running", "This environment is just being moved. Wait until that is done.")
        }
        do {
            let report = try await move(id, alone: place, by: principal, pace: pace, watch)
            await turn.givingBack()
            return report
        } catch {
            await turn.givingBack()
            throw error
        }
    }

    private func move(
        _ id: EnvironmentID, alone place: Places.Name, by principal: Principal, pace: MovePace,
        _ watch: @escaping @Sendable (MoveProgress) async throws -> Void
    ) async throws -> MoveReport {
        let old = try await plannedMoves("environment = \(id)")
        for move in old { try await end(move, by: principal) }
        guard let environment = try await control.read({ try HostedEnvironment.list("id = \(id) AND state = 'active'", in: $0).first })
        else {
            throw Refusal.notFound("environment")
        }
        guard !environment.isLeaving else { throw Leaving.Refusal.begun }
        guard environment.place != place else {
            throw Refusal.conflict("place-same", "\(environment.label) is at '\(place)' already.", field: "place")
        }
        guard try await !places.engine(at: place).exists(.environment(id)) else {
            throw Refusal.conflict(
                "place-taken", "There is a database of this environment at '\(place)' that nobody knows of. Nothing was moved.",
                field: "place")
        }
        let move = PlannedMove(
            environment: id, from: .init(place: environment.place, number: environment.copy),
            to: .init(place: place, number: environment.copy + 1), startedAt: clock.now())
        try await control.write { try move.insert(in: $0) }
        do {
            try await watch(.init(step: .planned, rows: 0, bytes: 0))
            let done = try await Carrier(move, of: self, by: principal, pace: pace, watch).run()
            // It is moved, whatever becomes of what is left.
            let isClean: Bool
            do {
                try await end(move, by: principal, watch)
                isClean = true
            } catch let cut as MoveCutOff {
                throw cut
            } catch {
                isClean = false
            }
            return MoveReport(
                environment: id, from: move.from.place, to: place, rows: done.digest.rows, bytes: done.digest.bytes,
                digest: done.digest.digest, took: done.took, pause: done.pause, isOldCopyRemoved: isClean)
        } catch let cut as MoveCutOff {
            throw cut
        } catch {
            // What can't be removed now stays noted.
            try? await end(move, by: principal)
            throw Self.refusal(for: error, to: place)
        }
    }

    // MARK: Ending

    static func turn(ofMove id: EnvironmentID) -> String { "move/\(id)" }

    func plannedMoves(_ condition: SQL = "1 = 1") async throws -> [PlannedMove] {
        try await control.read { try PlannedMove.list(condition, in: $0) }
    }

    /// Copies that a move is making or removing.
    package func passingCopies() async throws -> [EnvironmentID: Set<Int>] {
        try await control.read { reader in
            var passing: [EnvironmentID: Set<Int>] = [:]
            for move in try PlannedMove.list("1 = 1", in: reader) { passing[move.environment] = [move.from.number, move.to.number] }
            return passing
        }
    }

    /// Ends what interrupted moves left, where nobody is at it.
    func recoverMoves(by principal: Principal) async {
        for move in (try? await plannedMoves()) ?? [] {
            guard let turn = try? await turns.taking(Self.turn(ofMove: move.environment)) else { continue }
            // A place that is away must not keep the server from starting: the note stays.
            try? await end(move, by: principal)
            await turn.givingBack()
        }
    }

    /// Removes the copy that the environment doesn't use, and the note of the move. Safe to repeat.
    func end(
        _ move: PlannedMove, by principal: Principal, _ watch: @Sendable (MoveProgress) async throws -> Void = { _ in }
    ) async throws {
        let id = move.environment
        guard let environment = try await control.read({ try HostedEnvironment.list("id = \(id)", in: $0).first }) else { return }
        let isMoved = environment.copy == move.to.number
        let rubbish = isMoved ? move.from : move.to
        guard rubbish.place != environment.place, rubbish.number != environment.copy else { return }
        if !isMoved { try await release(move) }
        var failure: (any Error)?
        do {
            // Waits for those who still read in it.
            try await places.engine(at: rubbish.place).destroy(.environment(id))
        } catch StorageError.missing {
        } catch {
            failure = error
        }
        try await watch(.init(step: .databaseDestroyed, rows: 0, bytes: 0))
        try await destroyKey(of: .database(id, copy: rubbish.number))
        try await watch(.init(step: .keyDestroyed, rows: 0, bytes: 0))
        if let failure { throw failure }
        let now = clock.now()
        try await control.write { [audit] transaction in
            guard try !PlannedMove.list("environment = \(id)", in: transaction).isEmpty else { return }
            try move.remove(in: transaction)
            try audit.record(
                .environmentCopyDestroyed(environment: id, place: rubbish.place, copy: rubbish.number), by: principal, at: now,
                in: transaction)
        }
    }

    /// The old copy as it was before the move, without triggers and fence.
    private func release(_ move: PlannedMove) async throws {
        do {
            try await LiveCopy.release(open(move.environment, at: move.from.place, copy: move.from.number))
        } catch StorageError.missing {
            // Somebody destroyed it; there is nothing to release.
        }
    }

    private static func refusal(for error: any Error, to place: Places.Name) -> any Error {
        let reason: String
        switch error {
        case is Refusal: return error
        case let fault as MoveFault: return Refusal.conflict("move-given-up", fault.description)
        case StorageError.full: reason = "'\(place)' is full. Make room there and try again."
        case StorageError.missing: reason = "A database is missing."
        case is StorageError: reason = "A database didn't do what it was asked for."
        default: return error
        }
        return Refusal(
            .unavailable(retryAfter: .seconds(60)), "move-given-up", "The move was given up: \(reason) The environment is where it was.")
    }
}

/// One move, from the new copy's key to the moment when writers go on there.
private struct Carrier {
    struct Done {
        let digest: RowsDigest
        let took: Duration
        let pause: Duration
    }

    let move: PlannedMove
    let tenants: Tenants
    let principal: Principal
    let pace: MovePace
    let watch: @Sendable (MoveProgress) async throws -> Void

    init(
        _ move: PlannedMove, of tenants: Tenants, by principal: Principal, pace: MovePace,
        _ watch: @escaping @Sendable (MoveProgress) async throws -> Void
    ) {
        self.move = move
        self.tenants = tenants
        self.principal = principal
        self.pace = pace
        self.watch = watch
    }

    func run() async throws -> Done {
        let began = ContinuousClock.now
        let old = try await tenants.open(move.environment, at: move.from.place, copy: move.from.number)
        let new = try await make()
        let handle = try await tenants.handle(of: move.environment)
        defer { handle.slow { _ in .zero } }
        var copy = LiveCopy(
            from: old, to: new.database, following: tenants.derivation, pace: pace,
            report: { [watch] progress in
                handle.slow { Self.delay(after: $0, isLagging: progress.lagging > 0) }
                try await watch(.init(step: .copying, rows: progress.rows, bytes: progress.bytes))
            })
        try await copy.begin()
        try await say(.noting)
        let digest = try await copy.run()
        try await say(.compared, copy.progress)
        let pause = try await change(from: old, to: new, handle, &copy, digest)
        try await say(.resumed, copy.progress)
        return Done(digest: digest, took: ContinuousClock.now - began, pause: pause)
    }

    /// What each write waits, since otherwise the copy would never be up to date: twice as long after each round that left more behind than it may.
    private static func delay(after delay: Duration, isLagging: Bool) -> Duration {
        isLagging ? min(max(delay * 2, .milliseconds(4)), .milliseconds(250)) : delay * 3 / 4
    }

    private func say(_ step: MoveStep, _ progress: LiveCopy.Progress = .init()) async throws {
        try await watch(.init(step: step, rows: progress.rows, bytes: progress.bytes))
    }

    /// The new copy, empty.
    private func make() async throws -> EnvironmentDatabase.Copy {
        let (id, owner) = (move.environment, KeyOwner.database(move.environment, copy: move.to.number))
        let key = try await tenants.keyring.apart { keyring in
            try keyring.create(for: owner)
            return try keyring.subkey(for: owner, purpose: .database)
        }
        try await say(.keyMade)
        let derived = tenants.derivation.tables
        try await tenants.places.engine(at: move.to.place).create(.environment(id), key: key, schema: tenants.environmentSchema) {
            try LiveCopy.clear($0, except: derived)
        }
        try await say(.databaseMade)
        return .init(number: move.to.number, database: try await tenants.open(id, at: move.to.place, copy: move.to.number))
    }

    /// The step for which writers wait.
    private func change(
        from old: any Database, to new: EnvironmentDatabase.Copy, _ handle: EnvironmentDatabase, _ copy: inout LiveCopy,
        _ digest: RowsDigest
    ) async throws -> Duration {
        for attempt in 1...pace.pausesMax {
            let began = ContinuousClock.now
            let deadline = began + pace.pauseMax
            if await handle.pause(until: deadline), try await carryOver(from: old, to: new, handle, &copy, digest, by: deadline) {
                return ContinuousClock.now - began
            }
            guard attempt < pace.pausesMax else { break }
            // They are let through for longer than they waited, and what they write is fetched before they have to wait again.
            try await Task.sleep(for: pace.pauseMax * 2)
            try await copy.catchUp()
        }
        throw MoveFault.tooBusy
    }

    /// False, and everybody goes on at the old place, if it is not done by `deadline`.
    private func carryOver(
        from old: any Database, to new: EnvironmentDatabase.Copy, _ handle: EnvironmentDatabase, _ copy: inout LiveCopy,
        _ digest: RowsDigest, by deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        do {
            try await say(.paused, copy.progress)
            guard try await copy.finish(unless: { ContinuousClock.now > deadline }) else {
                try await copy.openFence()
                handle.resume()
                return false
            }
            try await say(.fenced, copy.progress)
            let trees = (try await AuditLog.head(of: old), try await AuditLog.head(of: new.database))
            guard trees.0 == trees.1 else { throw MoveFault.auditDiffers }
            try await tenants.register(move, digest, by: principal)
        } catch let cut as MoveCutOff {
            throw cut
        } catch {
            // Whether the register was changed may not be known; the handle asks it as soon as it meets the fence.
            if try await !tenants.isAt(move.to, move.environment) {
                try? await copy.openFence()
                handle.resume()
                throw error
            }
        }
        try await say(.switched, copy.progress)
        handle.turn(to: new)
        handle.resume()
        return true
    }
}

extension Tenants {
    /// From the commit on, the environment is at its new place.
    fileprivate func register(_ move: PlannedMove, _ digest: RowsDigest, by principal: Principal) async throws {
        let now = clock.now()
        try await coherence.write { [audit, coherence] transaction in
            let changed = try transaction.run(
                """
                UPDATE environment SET place = \(move.to.place), copy = \(move.to.number)
                WHERE id = \(move.environment) AND place = \(move.from.place) AND copy = \(move.from.number)
                """)
            guard changed == 1 else { throw Refusal.conflict("move-running", "The environment was moved by somebody else meanwhile.") }
            try audit.record(
                .environmentMoved(
                    environment: move.environment, from: move.from.place, to: move.to.place, copy: move.to.number, rows: digest.rows,
                    digest: digest.digest), by: principal, at: now, in: transaction)
            try coherence.note(.environment(move.environment), in: transaction)
        }
    }

    fileprivate func isAt(_ copy: PlannedMove.Copy, _ id: EnvironmentID) async throws -> Bool {
        try await control.read { try HostedEnvironment.list("id = \(id)", in: $0).first?.copy } == copy.number
    }
}
