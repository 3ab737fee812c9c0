import NIOCore
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// Who is at the other end of a Unix socket, as the kernel says (SO_PEERCRED): it can't be forged.
struct PeerCredentials: Sendable {
    // Layout of struct ucred (unix(7)).
    private let process: Int32
    private let user: UInt32
    private let group: UInt32

    struct Unknown: Error {}

    static func read(_ channel: any Channel) -> EventLoopFuture<PeerCredentials> {
        guard let provider = channel as? any SocketOptionProvider else { return channel.eventLoop.makeFailedFuture(Unknown()) }
        return provider.unsafeGetSocketOption(level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    }

    /// The user's name, if it is one who may give orders: root, or whoever the server runs as. Everybody else is nobody here,
    /// even where the socket's mode would let them in.
    func admittedUser() -> String? {
        guard user == 0 || user == geteuid() else { return nil }
        return Self.name(of: user) ?? "uid-\(user)"
    }

    private static func name(of user: UInt32) -> String? {
        var entry = passwd()
        var buffer = [CChar](repeating: 0, count: 16_384)
        var found: UnsafeMutablePointer<passwd>?
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else { return nil }
        return String(cString: name)
    }
}
