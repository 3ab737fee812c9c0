import Foundation

/// OpenSSH's own server for tests, on a free port of loopback, for the user who runs them, with keys of its own. Gone with its owner.
package final class SSHServer: Sendable {
    package struct NotThere: Error { let log: String }

    private static let program = "/usr/sbin/sshd"
    package static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    package let port: Int
    /// The private key that it lets in.
    package let keyFile: String
    package let knownHosts: String
    /// Where tests may put files.
    package let folder: String
    package let user = NSUserName()
    private let home: TemporaryDirectory
    private let process: Process

    package init() async throws {
        home = try TemporaryDirectory()
        let root = home.path
        (keyFile, knownHosts, folder) = (root + "/key", root + "/known", root + "/files")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        for name in ["host", "key"] { try Self.run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(root)/\(name)"]) }
        try FileManager.default.copyItem(atPath: root + "/key.pub", toPath: root + "/authorized")
        // Needed where it is started by root, though it gives nothing away here.
        if geteuid() == 0 { try? FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true) }
        port = try Self.freePort()
        let lines = [
            "ListenAddress 127.0.0.1", "Port \(port)", "HostKey \(root)/host", "AuthorizedKeysFile \(root)/authorized", "StrictModes no",
            "PidFile none", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin prohibit-password", "MaxStartups 100",
            "Subsystem sftp internal-sftp",
        ]
        try lines.joined(separator: "\n").write(toFile: root + "/config", atomically: true, encoding: .utf8)
        let hostKey = try String(contentsOfFile: root + "/host.pub", encoding: .utf8).split(separator: " ").prefix(2).joined(separator: " ")
        try "[127.0.0.1]:\(port) \(hostKey)\n".write(toFile: knownHosts, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["-D", "-e", "-f", root + "/config", "-E", root + "/log"]
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process = process
        let deadline = ContinuousClock.now + .seconds(20)
        while .now < deadline {
            if (try? String(contentsOfFile: root + "/log", encoding: .utf8))?.contains("Server listening") == true { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        kill(process.processIdentifier, SIGKILL)
        throw NotThere(log: (try? String(contentsOfFile: root + "/log", encoding: .utf8)) ?? "")
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// `sftp://…` to a directory below ``folder``, which is made.
    package func address(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        return "sftp://\(user)@127.0.0.1:\(port)\(folder)/\(name)"
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = try Process.run(URL(fileURLWithPath: program), arguments: arguments)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw NotThere(log: "\(program) failed") }
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw NotThere(log: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
