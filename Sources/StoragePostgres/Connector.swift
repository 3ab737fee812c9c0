import CPostgres
import Glibc
import Storage
import Vocabulary

/// Makes connections. Every setting is given, so that none comes in from the environment or from somebody's files.
struct Connector: Sendable {
    let options: PostgresOptions

    /// The system's list of authorities on Debian and Ubuntu.
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// A machine that loses power or its network says nothing of it. After 2 s without a word the other end is asked, each second, and after
    /// 6 s the connection is over: at the server, which then frees our locks, and here.
    private static let silence = (idle: 2, interval: 1, count: 4, unacknowledged: 6000)

    /// For every connection: a writer that fell silent must not keep the others waiting for long, and no plan is worth compiling.
    private static let serverSettings = [
        "synchronous_commit=on", "lock_timeout=10000", "idle_in_transaction_session_timeout=60000",
        "tcp_keepalives_idle=\(silence.idle)", "tcp_keepalives_interval=\(silence.interval)", "tcp_keepalives_count=\(silence.count)",
        "tcp_user_timeout=\(silence.unacknowledged)", "timezone=UTC", "search_path=public", "jit=off",
    ].map { "-c \($0)" }.joined(separator: " ")

    /// Connects to a database; while the server is starting, full or out of reach, again and again until `patience` is over.
    /// - Parameter makeRoom: closes a connection of ours, where the server has too many.
    func connect(_ database: String, patience: Duration, habits: Habits = Habits(), makeRoom: () -> Void = {}) throws -> Session {
        let end = ContinuousClock.now + patience
        var pause = Duration.milliseconds(10)
        while true {
            do {
                return Session(try connectOnce(database), habits: habits)
            } catch let error as ServerError where error.isPassing {
                if error.state == "53300" { makeRoom() }
                guard ContinuousClock.now + pause < end else { throw error }
                usleep(UInt32(pause.microseconds))
                pause = min(pause * 2, .milliseconds(200))
            }
        }
    }

    private func connectOnce(_ database: String) throws -> OpaquePointer {
        let password: Secret?
        do {
            password = try options.password()
        } catch {
            throw ServerError(state: "28000", severity: "FATAL", message: "the password can't be read: \(error)")
        }
        var settings = [
            ("host", options.host), ("port", String(options.port)), ("user", options.user), ("dbname", database),
            ("sslmode", options.tls.rawValue), ("sslrootcert", options.tlsAuthorities ?? Self.systemAuthorities),
            ("ssl_min_protocol_version", "TLSv1.2"),
            ("gssencmode", "disable"), ("client_encoding", "UTF8"), ("application_name", "holdfast"), ("options", Self.serverSettings),
            ("keepalives_idle", "\(Self.silence.idle)"), ("keepalives_interval", "\(Self.silence.interval)"),
            ("keepalives_count", "\(Self.silence.count)"), ("tcp_user_timeout", "\(Self.silence.unacknowledged)"),
        ]
        // Without it a file in somebody's home would be looked at.
        if options.tls == .disable || options.tls == .prefer, options.tlsAuthorities == nil { settings.removeAll { $0.0 == "sslrootcert" } }
        guard let connection = start(settings, password) else {
            throw ServerError(state: "53200", severity: "FATAL", message: "no memory for a connection")
        }
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        guard PQstatus(connection) != CONNECTION_BAD, finish(connection) else {
            defer { PQfinish(connection) }
            throw failure(connection)
        }
        PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        return connection
    }

    private func start(_ settings: [(String, String)], _ password: Secret?) -> OpaquePointer? {
        var words: [UnsafeMutablePointer<CChar>?] = settings.flatMap { [strdup($0.0), strdup($0.1)] }
        defer { for word in words { free(word) } }
        var secret: [CChar] = password?.withBytes { $0.map { CChar(bitPattern: $0) } + [0] } ?? []
        defer { secret.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        if password != nil { words += [strdup("password"), nil] }
        return secret.withUnsafeBufferPointer { secret in
            var keys = stride(from: 0, to: words.count, by: 2).map { UnsafePointer(words[$0]) }
            var values = stride(from: 1, to: words.count, by: 2).map { UnsafePointer(words[$0]) }
            if password != nil { values[values.count - 1] = secret.baseAddress }
            keys.append(nil)
            values.append(nil)
            return PQconnectStartParams(keys, values, 0)
        }
    }

    /// Waits for the connection to stand. False where it doesn't, or not in time.
    private func finish(_ connection: OpaquePointer) -> Bool {
        let end = ContinuousClock.now + options.connectTimeout
        var next = PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            var waiting = pollfd(fd: PQsocket(connection), events: Int16(next == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
            let rest = (end - ContinuousClock.now).microseconds / 1000
            guard rest > 0 else { return false }
            let ready = poll(&waiting, 1, Int32(clamping: rest))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return false }
            next = PQconnectPoll(connection)
            if next == PGRES_POLLING_FAILED { return false }
        }
        return true
    }

    /// A connection that did not come about has no SQLSTATE but in its text: `FATAL:  28P01: password authentication failed …`.
    private func failure(_ connection: OpaquePointer) -> ServerError {
        let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        let lines = text.split(separator: "\n").map(String.init)
        for line in lines {
            guard let match = line.firstMatch(of: /[A-Z]+:  ([0-9A-Z]{5}): (.*)/) else { continue }
            return ServerError(state: String(match.1), severity: "FATAL", message: String(match.2))
        }
        // Not to be cured by trying again: the certificate is wrong, not the moment.
        let isRefusal =
            ["certificate", "SSL", "sslmode", "no password supplied"].contains { text.contains($0) } && !text.contains("Connection refused")
        let message = lines.first ?? "\(options.host):\(options.port) did not answer within \(options.connectTimeout.components.seconds) s"
        return ServerError(state: isRefusal ? "28000" : "08001", severity: "FATAL", message: message)
    }
}

extension ServerVersion {
    /// - Throws: ``StorageError`` `.unsafeEngine`.
    static func check(_ number: Int32) throws {
        guard number >= minimum else {
            throw StorageError.unsafeEngine(
                "PostgreSQL \(minimum / 10_000) or newer is needed; this server is \(number / 10_000).\(number % 10_000).")
        }
    }
}

/// As `PQserverVersion` counts: 150018 is 15.18.
enum ServerVersion {
    /// Copies of a database by way of the log, and a schema `public` that not everybody may write to.
    static let minimum: Int32 = 150_000
}
