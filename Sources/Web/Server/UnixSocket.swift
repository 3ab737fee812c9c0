import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// The path of the command line's socket.
enum UnixSocket {
    /// Makes the path free: removes a socket that nobody listens on any more, and nothing else.
    /// - Throws: ``Vocabulary/Refusal`` where another server answers, or the path is no socket.
    static func clear(_ path: String) throws {
        var address = sockaddr_un()
        guard !path.isEmpty, path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Refusal.invalid("socket-path", "The socket's path is too long: \(path)")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Refusal.conflict("socket-path", "\(path) exists and is no socket: nothing was changed.")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in path.utf8.enumerated() { target[index] = byte }
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Refusal(.unavailable(retryAfter: .seconds(1)), "socket", "No socket can be opened.") }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
        }
        if connected == 0 {
            throw Refusal.conflict("already-running", "Another server is already running here: \(path) answers.")
        }
        guard errno == ECONNREFUSED else {
            throw Refusal.conflict("socket-path", "It can't be told whether a server listens on \(path): nothing was changed.")
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw Refusal.conflict("socket-path", "The old socket \(path) can't be removed.")
        }
    }

    /// For its owner only.
    static func protect(_ path: String) throws {
        guard chmod(path, 0o600) == 0 else { throw Refusal.conflict("socket-path", "The mode of \(path) can't be set.") }
    }

    static func remove(_ path: String) { unlink(path) }
}
