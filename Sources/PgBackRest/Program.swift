import Glibc
import Synchronization
import Vocabulary

/// A command that is run once, with nothing at its standard input and no descriptors but its own. Blocks: run it on a thread for that.
struct Program: Sendable {
    struct Result: Sendable {
        /// The exit code; 128 and the signal where it was ended by one.
        var code: Int32
        var output: String
        var errors: String
        var wasTooLong = false
    }

    /// Ends a program from another thread.
    final class Stop: Sendable {
        private let flag = Atomic(false)
        func now() { flag.store(true, ordering: .releasing) }
        var wasAsked: Bool { flag.load(ordering: .acquiring) }
    }

    /// Whoever configures by environment variables of pgBackRest or PostgreSQL configures nothing here.
    static let surroundings: [String] = ["PATH=\(paths.joined(separator: ":"))", "LC_ALL=C", "TZ=UTC", "HOME=\(home)"]

    private static let paths = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"]
    private static var home: String { getenv("HOME").map { String(cString: $0) } ?? "/" }
    private static let outputMost = 64 << 20

    private let path: String
    private let words: [String]
    private let surroundings: [String]

    init(_ path: String, _ words: [String], surroundings: [String] = Program.surroundings) {
        self.path = path
        self.words = words
        self.surroundings = surroundings
    }

    static func find(_ name: String, in folders: [String] = paths) -> String? {
        folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Starts it. Who starts has to wait for its end.
    /// - Parameters:
    ///   - output: a descriptor for what it says; `/dev/null` for nil.
    static func spawn(_ path: String, _ words: [String], surroundings: [String], output: Int32?, errors: Int32?) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        if let errors {
            posix_spawn_file_actions_adddup2(&actions, errors, 2)
        } else {
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        }
        for descriptor in openDescriptors() where descriptor > 2 && descriptor != output && descriptor != errors {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals as any program expects them, whatever this one ignores or has blocked; and a group of its own, so that Ctrl-C is ours to answer.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETPGROUP))
        var arguments: [UnsafeMutablePointer<CChar>?] = ([path] + words).map { strdup($0) } + [nil]
        defer { for word in arguments { free(word) } }
        var environment: [UnsafeMutablePointer<CChar>?] = surroundings.map { strdup($0) } + [nil]
        defer { for setting in environment { free(setting) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &actions, &attributes, &arguments, &environment)
        guard code == 0 else { throw PgBackRestFault.failed(verb: path, code: code, reason: String(cString: strerror(code))) }
        return child
    }

    /// What another thread has just opened, and not yet marked as its own, must not be held open by a child that goes on for long.
    private static func openDescriptors() -> [Int32] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var all: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if let number = Int32(name) { all.append(number) }
        }
        return all
    }

    /// Returns when it has ended, by itself or because its time was over.
    /// - Throws: ``PgBackRestFault`` where it can't be started.
    func run(within limit: Duration, stop: Stop = Stop()) throws -> Result {
        var (output, errors): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        defer { for end in [output[0], errors[0]] where end >= 0 { close(end) } }
        let child: pid_t
        do {
            defer { for end in [output[1], errors[1]] where end >= 0 { close(end) } }
            guard pipe(&output) == 0, pipe(&errors) == 0 else {
                throw PgBackRestFault.failed(verb: path, code: errno, reason: String(cString: strerror(errno)))
            }
            for end in output + errors { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            child = try Self.spawn(path, words, surroundings: surroundings, output: output[1], errors: errors[1])
        }
        let end = ContinuousClock.now + limit
        var (said, complained): ([UInt8], [UInt8]) = ([], [])
        var isSilent = (false, false)
        var killed: ContinuousClock.Instant?
        var wasTooLong = false
        while !(isSilent.0 && isSilent.1) {
            var waiting = [
                pollfd(fd: isSilent.0 ? -1 : output[0], events: Int16(POLLIN), revents: 0),
                pollfd(fd: isSilent.1 ? -1 : errors[0], events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&waiting, 2, 100)
            if waiting[0].revents != 0 { isSilent.0 = !Self.drain(output[0], into: &said) }
            if waiting[1].revents != 0 { isSilent.1 = !Self.drain(errors[0], into: &complained) }
            let now = ContinuousClock.now
            if now > end, killed == nil { wasTooLong = true }
            if killed == nil, wasTooLong || stop.wasAsked {
                kill(child, SIGTERM)
                killed = now
            } else if let since = killed, now - since > .seconds(20) {
                kill(-child, SIGKILL)
                break
            }
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return Result(
            code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: String(decoding: said, as: UTF8.self),
            errors: String(decoding: complained, as: UTF8.self), wasTooLong: wasTooLong)
    }

    /// False where nothing more comes.
    private static func drain(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 { return errno == EINTR || errno == EAGAIN }
        guard count > 0 else { return false }
        // What is beyond belief is read and dropped, so that nobody waits for us.
        if bytes.count < outputMost { bytes += chunk[..<count] }
        return true
    }
}
