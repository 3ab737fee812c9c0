#if canImport(Glibc)
import Glibc
#endif

/// A program started by a test, with its standard output in a pipe and an empty environment.
///
/// By `posix_spawn`, without the watching threads and run loops that Foundation's `Process` brings along for each.
package struct ChildProcess {
    package enum End: Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    package struct NotStarted: Error {
        package let errno: Int32
    }

    package let id: pid_t
    private let output: Int32
    private let input: Int32

    /// - Parameter isTethered: its standard input ends when this process does, however that comes about.
    package init(_ executable: String, _ arguments: [String], environment settings: [String] = [], isTethered: Bool = false) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw NotStarted(errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var tether: [Int32] = [-1, -1]
        defer { if tether[0] >= 0 { close(tether[0]) } }
        if isTethered {
            // The writing end is never closed: the kernel does it.
            guard pipe(&tether) == 0 else { throw NotStarted(errno: errno) }
            for end in tether { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            posix_spawn_file_actions_adddup2(&actions, tether[0], 0)
        }
        // The threads that tests run on block most signals; a child that inherits that can't wait for its own.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var usual = sigset_t()
        sigemptyset(&usual)
        sigaddset(&usual, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var environment: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
        defer { for setting in environment { free(setting) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, executable, &actions, &attributes, &words, &environment)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw NotStarted(errno: code)
        }
        id = child
        output = ends[0]
        input = tether[1]
    }

    /// Writes a line to a tethered process.
    package func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(input, bytes, bytes.count)
    }

    /// One line of what it writes, without its end; nil where it writes no more.
    package func readLine() -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(output, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    /// Everything that it writes until it ends.
    package func readToEnd() -> [UInt8] {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(output, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            all += chunk[..<count]
        }
        close(output)
        return all
    }

    /// Call it once, after ``readToEnd()``.
    package func wait() -> End {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }
}
