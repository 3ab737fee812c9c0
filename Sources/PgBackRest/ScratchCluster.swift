import Foundation
import Glibc
import Synchronization
import Threads
import Vocabulary

/// A restored cluster in a directory of its own, and a PostgreSQL server on it that only this process's user can reach, over a Unix socket.
///
/// Nothing of the live server's configuration comes along but what recovery needs: neither its archiving nor its standbys, extensions or addresses.
package final class ScratchCluster: Sendable {
    /// What a standby must have at least as much of as the server whose log it reads.
    package static let limits = [
        "max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_transactions", "max_locks_per_transaction",
    ]

    /// An absolute path; it has the socket as well.
    package let folder: String
    package static let port = 5432
    private let binaries: String
    private let surroundings: [String]
    private let process = Mutex<pid_t?>(nil)
    private static let threads = BoundedThreads(2, waiting: 100)

    var data: String { folder + "/data" }
    private var log: String { folder + "/log" }

    /// - Parameters:
    ///   - version: PostgreSQL's, as the repository has it: `15`.
    /// - Throws: ``PgBackRestFault`` `.scratch` where no such server is installed, or the directory can't be made.
    package init(in folder: String, version: String, for backups: PgBackRest) throws {
        self.folder = folder
        binaries = try Self.binaries(version)
        surroundings = try backups.surroundings()
        // A socket's path may have 107 bytes.
        guard folder.utf8.count + "/.s.PGSQL.\(Self.port)".utf8.count <= 107 else {
            throw PgBackRestFault.scratch("the path \(folder) is too long for a socket: give a shorter --data")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try FileManager.default.createDirectory(
                atPath: data, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw PgBackRestFault.scratch("\(folder) can't be made")
        }
    }

    /// Where a PostgreSQL server of that version is installed.
    package static func binaries(_ version: String) throws -> String {
        let folders = [
            "/usr/lib/postgresql/\(version)/bin", "/usr/pgsql-\(version)/bin", "/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin",
        ]
        guard let found = folders.first(where: { access($0 + "/postgres", X_OK) == 0 }) else {
            throw PgBackRestFault.scratch(
                "no PostgreSQL \(version) is installed on this machine (on Debian, apt install postgresql-\(version))")
        }
        return found
    }

    /// Fetches the files of a backup.
    package func fill(_ backups: PgBackRest, _ backup: Repository.Backup, until target: PgBackRest.Target, leavingOut: [String])
        async throws
    {
        try await backups.restore(backup, until: target, leavingOut: leavingOut, to: data)
    }

    /// Starts the server, which recovers to its target and stands still there.
    /// - Parameter limits: the live server's; as much or more is given.
    package func start(limits: [String: Int]) async throws {
        try await Self.threads.run { [self] in try startNow(limits) }
    }

    private func startNow(_ limits: [String: Int]) throws {
        let known = try controlled()
        let recovery = Self.recoverySettings(try text(data + "/postgresql.auto.conf"))
        guard !recovery.isEmpty else { throw PgBackRestFault.scratch("pgbackrest wrote no settings for recovery") }
        try write(recovery.joined(separator: "\n") + "\n", to: data + "/postgresql.auto.conf")
        try write("local all all trust\n", to: folder + "/hba.conf")
        try write("", to: folder + "/ident.conf")
        var settings = [
            "listen_addresses = ''", "port = \(Self.port)", "unix_socket_directories = '\(Self.quoted(folder))'",
            "unix_socket_permissions = 0700",
            "hba_file = '\(Self.quoted(folder))/hba.conf'", "ident_file = '\(Self.quoted(folder))/ident.conf'", "archive_mode = off",
            "hot_standby = on",
            "recovery_target_action = pause",
            // It is thrown away whole.
            "fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off", "wal_level = replica",
            "shared_buffers = 32MB",
            "max_wal_size = 4GB", "logging_collector = off", "log_min_messages = log", "lc_messages = 'C'",
        ]
        for name in Self.limits { settings.append("\(name) = \(max(limits[name] ?? 0, known[name] ?? 0))") }
        try write(settings.joined(separator: "\n") + "\n", to: folder + "/postgresql.conf")
        let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw PgBackRestFault.scratch("\(log) can't be written") }
        defer { close(descriptor) }
        let child = try Program.spawn(
            binaries + "/postgres", ["-D", data, "-c", "config_file=\(folder)/postgresql.conf"], surroundings: surroundings,
            output: descriptor,
            errors: descriptor)
        process.withLock { $0 = child }
    }

    /// Nil as long as it runs; why it doesn't otherwise, in its own words.
    package func fault() -> PgBackRestFault? {
        process.withLock { process in
            guard let child = process else { return .scratch("it has not been started") }
            var status: Int32 = 0
            guard waitpid(child, &status, WNOHANG) == child else { return nil }
            process = nil
            return Self.fault(in: (try? text(log)) ?? "")
        }
    }

    static func fault(in log: String) -> PgBackRestFault {
        let lines = log.split(whereSeparator: \.isNewline)
        let fatal = lines.last { $0.contains("FATAL:") || $0.contains("PANIC:") } ?? lines.last ?? ""
        let words = fatal.firstMatch(of: /(?:FATAL|PANIC):\s+(.*)/).map { String($0.1) } ?? String(fatal)
        if words.contains("recovery ended before configured recovery target") {
            let last = lines.last { $0.contains("restored log file") }.flatMap { $0.firstMatch(of: /"([0-9A-F]{24})"/) }.map {
                String($0.1)
            }
            return .logMissing(last.map { "it ends after \($0)" } ?? "none of it is there")
        }
        return .scratch(words.isEmpty ? "it ended and said nothing" : String(words.prefix(300)))
    }

    /// Lets the server take writes: it has reached its target.
    package func promote() throws {
        try write("", to: data + "/promote")
        process.withLock { if let child = $0 { kill(child, SIGUSR1) } }
    }

    /// Ends the server and removes everything.
    package func remove() async {
        _ = try? await Self.threads.run { [self] in
            process.withLock { process in
                guard let child = process else { return }
                kill(child, SIGQUIT)
                var status: Int32 = 0
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
                process = nil
            }
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    /// Ends servers that an earlier run of this program left behind below `folder`: their parent was killed.
    package static func sweep(below folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let data = "\(folder)/\(name)/data"
            guard let words = try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8),
                let child = words.split(separator: "\n").first.flatMap({ pid_t($0) }), child > 1,
                let line = FileManager.default.contents(atPath: "/proc/\(child)/cmdline"),
                String(decoding: line, as: UTF8.self).contains(data)
            else { continue }
            kill(child, SIGQUIT)
        }
    }

    // MARK: Settings

    /// Of all that the live server had by ALTER SYSTEM, and pgBackRest added, what recovery needs.
    static func recoverySettings(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { line in
            ["restore_command", "recovery_target"].contains { line.hasPrefix($0) } && !line.hasPrefix("recovery_target_action")
        }
    }

    /// What the restored cluster's control file says of the limits that it was run with.
    private func controlled() throws -> [String: Int] {
        let result = try Program(binaries + "/pg_controldata", ["-D", data]).run(within: .seconds(60))
        guard result.code == 0 else { throw PgBackRestFault.scratch("what was restored is no cluster: \(result.errors.prefix(200))") }
        let names = [
            "max_connections": "max_connections", "max_worker_processes": "max_worker_processes", "max_wal_senders": "max_wal_senders",
            "max_prepared_xacts": "max_prepared_transactions", "max_locks_per_xact": "max_locks_per_transaction",
        ]
        var found: [String: Int] = [:]
        for line in result.output.split(separator: "\n") {
            guard let match = line.firstMatch(of: /^(\w+) setting:\s+(\d+)/), let name = names[String(match.1)] else { continue }
            found[name] = Int(match.2)
        }
        return found
    }

    private static func quoted(_ text: String) -> String { text.replacing("'", with: "''") }

    private func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else { throw PgBackRestFault.scratch("\(path) can't be read") }
        return String(decoding: data, as: UTF8.self)
    }

    private func write(_ text: String, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]) else {
            throw PgBackRestFault.scratch("\(path) can't be written")
        }
    }
}
