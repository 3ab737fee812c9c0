import Foundation

/// OpenSSH's own server for tests, on a free port of loopback, for the user who runs them, with keys of its own. Gone with its owner.
package final class SSHServer: Sendable {
    package struct NotThere: Error { let log: String }

    private static let program = "/usr/sbin/sshd"
    /// The server ends when it is told to or whoever started it has ended, and holds none of their pipes: one that is shared by all tests has no other end,
    /// and who reads what the tests print would wait for it.
    private static let keeper = """
        "$0" -D -e -f "$1/config" -E "$1/log" </dev/null >/dev/null 2>&1 &
        exec >/dev/null 2>&1
        read line
        kill -KILL $!
        """
    package static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    package let port: Int
    /// The private key that it lets in.
    package let keyFile: String
    package let knownHosts: String
    /// Where tests may put files.
    package let folder: String
    package let user = NSUserName()
    private let home: TemporaryDirectory
    private let process: ChildProcess

    package init() async throws {
        home = try TemporaryDirectory()
        let root = home.path
        (keyFile, knownHosts, folder) = (root + "/key", root + "/known", root + "/files")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        for name in ["host", "key"] { try Self.makeKey("\(root)/\(name)") }
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
        process = try ChildProcess("/bin/sh", ["-c", Self.keeper, Self.program, root], isTethered: true)
        let deadline = ContinuousClock.now + .seconds(20)
        while .now < deadline {
            if (try? String(contentsOfFile: root + "/log", encoding: .utf8))?.contains("Server listening") == true { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        process.say("stop")
        throw NotThere(log: (try? String(contentsOfFile: root + "/log", encoding: .utf8)) ?? "")
    }

    deinit {
        process.say("stop")
        _ = process.wait()
    }

    /// `sftp://…` to a directory below ``folder``, which is made.
    package func address(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        return "sftp://\(user)@127.0.0.1:\(port)\(folder)/\(name)"
    }

    /// Makes a key pair without a passphrase. Foundation's `Process` waits by a run loop, which two tests at once keep from ending.
    package static func makeKey(_ path: String) throws {
        let process = try ChildProcess("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path])
        _ = process.readToEnd()
        guard process.wait() == .exited(0) else { throw NotThere(log: "ssh-keygen failed") }
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
