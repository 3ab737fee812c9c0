import Foundation
import Glibc
import Storage
import StoragePostgres
import Synchronization
import Vocabulary

/// A PostgreSQL server of the tests' own. It ends with this process, and leaves nothing behind.
package final class PostgresCluster: Sendable {
    package struct NotStarted: Error, CustomStringConvertible {
        package let description: String
    }

    /// The one that most tests share. What they keep there is told apart by prefix.
    package static let shared = Result { try PostgresCluster() }

    /// With its Unix socket, its certificate `server.crt` and its `data`.
    package let folder: String
    package let port: Int
    private let process: ChildProcess

    /// The role that the server is used as: it may make databases, and nothing more.
    package static let user = "holdfast"
    package static let password = Secret("correct horse")

    /// Starts a server, with settings of its own such as `fsync=on`.
    package init(_ settings: String...) throws {
        port = try Self.freePort()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("postgres-cluster").path
        let path = "PATH=\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
        process = try ChildProcess("/bin/bash", [script, String(port)] + settings, environment: [path], isTethered: true)
        let words = (process.readLine() ?? "").split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0] == "ready" else { throw NotStarted(description: words.joined(separator: " ")) }
        folder = String(words[1])
    }

    /// Ends the server as a crash would, and starts it again. Returns once it answers.
    package func restart() throws {
        process.say("restart")
        guard process.readLine()?.hasPrefix("ready") == true else { throw NotStarted(description: "not started again") }
    }

    /// For a server of one test; the shared one ends with the process.
    package func stop() {
        process.say("stop")
        _ = process.readToEnd()
        _ = process.wait()
    }

    /// Over the Unix socket, where nobody is asked for a password.
    package func options(prefix: SQLName) -> PostgresOptions {
        var options = PostgresOptions(host: folder, port: port, user: Self.user, prefix: prefix)
        options.connections = 8
        options.sharedTemplates = "shared"
        return options
    }

    /// Runs statements as the server's superuser, in one database.
    @discardableResult
    package func administer(_ statements: String, in database: String = "postgres") throws -> String {
        let path = "PATH=\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
        let child = try ChildProcess(
            "/usr/bin/psql",
            [
                "-X", "-q", "-A", "-t", "-h", folder, "-p", String(port), "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-c",
                statements,
            ],
            environment: [path])
        let output = String(decoding: child.readToEnd(), as: UTF8.self)
        guard child.wait() == .exited(0) else { throw NotStarted(description: "psql: \(statements)") }
        return output
    }

    /// Lets our role see who may connect.
    package func showRules() throws {
        try administer(
            "GRANT SELECT ON pg_hba_file_rules TO \(Self.user); GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO \(Self.user)")
    }

    /// A prefix that no other test has.
    package static func somePrefix() -> SQLName {
        SQLName("t" + String(SystemEntropy().words().0, radix: 36)) ?? "t"
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port =
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            } ? Int(UInt16(bigEndian: address.sin_port)) : 0
        guard port > 0 else { throw NotStarted(description: "no free port") }
        return port
    }
}

/// What a test keeps on a shared server. Removed with the last reference.
package final class PostgresPlace: Sendable {
    package let cluster: PostgresCluster
    package let prefix = PostgresCluster.somePrefix()

    package init(_ cluster: PostgresCluster? = nil) throws { self.cluster = try cluster ?? PostgresCluster.shared.get() }

    package func start(_ change: (inout PostgresOptions) -> Void = { _ in }) async throws -> PostgresEngine {
        var options = cluster.options(prefix: prefix)
        change(&options)
        return try await PostgresEngine.start(options)
    }

    deinit {
        let names = try? cluster.administer("SELECT datname FROM pg_database WHERE starts_with(datname, '\(prefix.text)_')")
        for name in (names ?? "").split(separator: "\n") { _ = try? cluster.administer("DROP DATABASE \(name) WITH (FORCE)") }
    }
}
