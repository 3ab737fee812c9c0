import Audit
import Foundation
import Identity
import Jobs
import ObjectStores
import Records
import Sealing
import Storage
import StorageSQLite
import Synchronization
import Tenants
import Vocabulary

extension OwnCopies {
    /// What its operations are called.
    package static let kind = "own-copy"

    // MARK: Ordering

    /// Has a file made; it goes on when the caller has gone.
    /// - Throws: ``Refusal`` `own-copies-off`, `own-copy-running`, `own-copies-busy`.
    @discardableResult
    package func order(in environment: HostedEnvironment, by principal: Principal) async throws -> Jobs.Operation {
        _ = try store()
        let workspace = try await parts.workspaces(environment.id)
        let total = try await workspace.database.read { try Inventory.rows(in: $0) }
        let operation = try await workspace.database.write { [operations = workspace.operations] transaction in
            let open = try transaction.row("SELECT id FROM operation WHERE kind = \(Self.kind) AND state IN ('queued', 'running')")
            guard open == nil else {
                throw Refusal.conflict("own-copy-running", "A file is being made already. Wait until it is done.")
            }
            return try operations.start(Self.kind, total: total, message: "Waiting for its turn.", by: principal, in: transaction)
        }
        do {
            try stand { [self] in
                do {
                    try await workspace.operations.perform(operation.id) { progress in
                        let copy = try await make(environment, workspace, by: principal, progress)
                        return ["copy": .string(copy.id.description), "records": .integer(Int64(copy.records))]
                    }
                } catch {
                    // Stopped before its turn, or in the middle; or it failed, and that is told already.
                    guard !(error is CancellationError), !["operation-started", "own-copy-failed"].contains((error as? Refusal)?.code)
                    else { return }
                    parts.logger.error(
                        "a customer's file could not be made",
                        metadata: ["environment": "\(environment.label)", "error": "\(Self.reason(error, longest: parts.longest))"])
                }
            }
        } catch {
            _ = try? await workspace.operations.cancel(operation.id)
            throw error
        }
        return operation
    }

    /// The one that waits or is being made.
    package func underway(in environment: EnvironmentID) async throws -> Jobs.Operation? {
        try await parts.workspaces(environment).operations.list(kind: Self.kind, limit: 1).first { !$0.state.isFinal }
    }

    // MARK: Making

    private func make(
        _ environment: HostedEnvironment, _ workspace: Workspace, by principal: Principal, _ progress: OperationProgress
    ) async throws -> OwnCopy {
        let (began, at) = (ContinuousClock.now, parts.clock.now())
        let id = OwnCopyID(at: at, entropy: parts.entropy)
        do {
            return try await attempt(id, environment, workspace, began, at, by: principal, progress)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let reason = Self.reason(error, longest: parts.longest)
            parts.logger.error("a customer's file failed", metadata: ["environment": "\(environment.label)", "reason": "\(error)"])
            let failed = OwnCopy(
                id: id, environment: environment.id, at: at, sealing: .environment, took: ContinuousClock.now - began, failure: reason)
            try? await parts.control.write { [watched = parts.watched] transaction in
                try failed.insert(in: transaction)
                try watched.record(.ownCopyFailed(environment: environment.id), by: principal, at: at, in: transaction)
            }
            throw Refusal(.unavailable(retryAfter: .seconds(3600)), "own-copy-failed", reason)
        }
    }

    private func attempt(
        _ id: OwnCopyID, _ environment: HostedEnvironment, _ workspace: Workspace, _ began: ContinuousClock.Instant, _ at: Instant,
        by principal: Principal, _ progress: OperationProgress
    ) async throws -> OwnCopy {
        let store = try store()
        let recipients = try await recipients(of: environment.id)
        let locks: [any AgeLock] = recipients.isEmpty ? [try await identity(of: environment.id).recipient] : recipients
        try makeScratch()
        let made = try await counting(progress) { counter in
            try await OwnCopyFile.make(
                of: workspace.database, at: "\(parts.scratch)/\(id)", pagesMax: Int(clamping: parts.longest / UInt64(PlainFile.pageBytes)),
                facts: try await facts(of: environment, at), members: try await members(of: environment.tenant), entropy: parts.entropy,
                counting: counter)
        }
        defer { made.file.close() }
        try await progress.checkpoint()
        try await progress.advance(to: made.inventory.rows, message: "Sealing it.")
        let plainSize = try made.file.size()
        let pages = SealedPages(file: made.file, locks: locks, entropy: parts.entropy, threads: threads)
        guard let key = ObjectKey("\(Self.folder(of: environment.id))\(id).age") else {
            throw StorageError.failed("an own copy has no name")
        }
        let stored = try await store.put(pages, at: key, ifAbsent: true)
        let copy = OwnCopy(
            id: id, environment: environment.id, at: at, commit: made.inventory.commit, records: made.inventory.records,
            plainSize: plainSize, size: stored.size, digest: stored.digest.description,
            sealing: recipients.isEmpty ? .environment : .recipients, took: ContinuousClock.now - began)
        do {
            try await publish(copy, workspace, by: principal)
        } catch {
            try? await store.delete(key)
            throw error
        }
        await prune(environment.id)
        return copy
    }

    /// The customer's log tells of it before anybody can fetch it. Who left meanwhile gets nothing.
    private func publish(_ copy: OwnCopy, _ workspace: Workspace, by principal: Principal) async throws {
        let event = AuditEvent.ownCopyMade(
            environment: copy.environment, copy: copy.id, commit: copy.commit, records: copy.records, bytes: Int(clamping: copy.size),
            digest: copy.digest, sealing: copy.sealing.rawValue)
        let now = parts.clock.now()
        try await workspace.database.write { [audit = parts.audit] in try audit.record(event, by: principal, at: now, in: $0) }
        try await parts.control.write { [watched = parts.watched] transaction in
            guard try transaction.row("SELECT 1 FROM environment WHERE id = \(copy.environment)") != nil else {
                throw Refusal.notFound("environment")
            }
            try copy.insert(in: transaction)
            try watched.record(event, by: principal, at: now, in: transaction)
        }
    }

    /// Lets `body` count rows, and writes down each second how far it is. Whoever asks to stop it breaks it off at the next count.
    private func counting<T: Sendable>(
        _ progress: OperationProgress, _ body: (@escaping @Sendable (Int) throws -> Void) async throws -> T
    ) async throws -> T {
        let count = Tally()
        let telling = Task {
            try await progress.advance(to: 0, message: "Reading.")
            while !Task.isCancelled {
                try await Task.sleep(for: .seconds(1))
                do {
                    try await progress.checkpoint()
                } catch {
                    count.stop()
                    throw error
                }
                try await progress.advance(to: count.rows)
            }
        }
        return try await withTaskCancellationHandler {
            let result: Result<T, any Error>
            do { result = .success(try await body { try count.note($0) }) } catch { result = .failure(error) }
            telling.cancel()
            // Nothing is told of it any more once it has gone on.
            _ = await telling.result
            return try result.get()
        } onCancel: {
            count.stop()
        }
    }

    /// A file of `database`, small enough to be held in memory, made as every other and kept nowhere.
    package func rehearse(_ database: any Database, for recipient: AgeRecipient) async throws -> [UInt8] {
        try makeScratch()
        let made = try await OwnCopyFile.make(
            of: database, at: "\(parts.scratch)/\(OwnCopyID(at: parts.clock.now(), entropy: parts.entropy))", pagesMax: 4096, facts: [],
            members: [], entropy: parts.entropy, counting: { _ in })
        defer { made.file.close() }
        var bytes: [UInt8] = []
        for try await piece in SealedPages(file: made.file, locks: [recipient], entropy: parts.entropy, threads: threads) { bytes += piece }
        return bytes
    }

    // MARK: What else is in it

    private func facts(of environment: HostedEnvironment, _ at: Instant) async throws -> [(String, String)] {
        let tenant = try await parts.tenants.find(environment.tenant)
        return [
            ("environment", environment.label), ("environment_id", environment.id.description), ("kind", environment.kind.rawValue),
            ("customer", tenant.name), ("made_at", at.description), ("made_by", parts.product),
        ]
    }

    private func members(of tenant: TenantID) async throws -> [OwnCopyFile.Member] {
        let members = try await parts.memberships.list(in: tenant)
        let accounts = try await parts.accounts.find(members.map(\.account))
        return members.map { member in
            OwnCopyFile.Member(
                account: "account:\(member.account)", name: accounts[member.account]?.displayName ?? "",
                address: accounts[member.account]?.identifier ?? "", roles: member.roles.map(\.name).sorted().joined(separator: " "),
                joined: member.createdAt.description, suspended: member.suspendedAt?.description)
        }
    }

    private func makeScratch() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: parts.scratch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StorageError.failed("\(parts.scratch) can't be made")
        }
    }

    // MARK: Tidying

    /// Keeps the newest few; of failures, those since the newest file.
    func prune(_ environment: EnvironmentID) async {
        do {
            let all = try await parts.control.read { try OwnCopy.list("environment = \(environment) ORDER BY at DESC", in: $0) }
            let kept = all.filter { $0.failure == nil }.prefix(Self.kept)
            let since = kept.first?.at ?? Instant(seconds: 0)
            let gone = all.filter { copy in !kept.contains(copy) && (copy.failure == nil || copy.at < since) }
            // Rows first: what nobody finds any more may lie there a little longer.
            try await parts.control.write { transaction in
                for copy in gone { try transaction.run("DELETE FROM own_copy WHERE id = \(copy.id)") }
            }
            let names = try Set(kept.map { try key(of: $0) })
            // What a crash left is older than anything that is being made.
            for object in try await store().all(Self.folder(of: environment)) where !names.contains(object.key) {
                try await store().delete(object.key)
            }
        } catch {
            parts.logger.error("old files could not be removed", metadata: ["environment": "\(environment)", "error": "\(error)"])
        }
    }

    /// Whatever there is of environments that are gone, such as a restored copy that was removed.
    package func forgetGone() async throws {
        let gone = try await parts.control.read { reader in
            try reader.rows("SELECT DISTINCT environment FROM own_copy WHERE environment NOT IN (SELECT id FROM environment)").map {
                try $0.get(0, as: EnvironmentID.self)
            }
        }
        for environment in gone {
            for object in try await store().all(Self.folder(of: environment)) { try await store().delete(object.key) }
        }
        try await parts.control.write { transaction in
            try transaction.run("DELETE FROM own_copy WHERE environment NOT IN (SELECT id FROM environment)")
            try transaction.run("DELETE FROM own_copy_recipient WHERE environment NOT IN (SELECT id FROM environment)")
        }
    }

    /// Files that are no longer where they were kept, as after a recovery: their environments get their turn again. Returns how many there were.
    package func forgetLost() async throws -> Int {
        var lost: [OwnCopy] = []
        for copy in try await newest().values where try await stored(copy) == nil { lost.append(copy) }
        try await parts.control.write { [lost] transaction in
            for copy in lost { try transaction.run("DELETE FROM own_copy WHERE id = \(copy.id)") }
        }
        return lost.count
    }

    static func reason(_ error: any Error, longest: UInt64) -> String {
        switch error {
        case let refusal as Refusal: refusal.message
        case StorageError.full:
            "The disk on which the file is put together is full, or the file would be larger than \(longest >> 20) MB. Its operator has to look at it."
        case let fault as ObjectFault: "The file could not be stored: \(fault). Its operator has to look at it."
        default: "The file could not be made. Its operator finds the reason in the server's log."
        }
    }
}

/// Counts on one thread, read on another; or says to stop.
private final class Tally: Sendable {
    private let state = Mutex((rows: 0, stopped: false))

    var rows: Int { state.withLock { $0.rows } }

    func stop() { state.withLock { $0.stopped = true } }

    func note(_ rows: Int) throws {
        let isStopped = state.withLock { state in
            state.rows = rows
            return state.stopped
        }
        if isStopped { throw CancellationError() }
    }
}
