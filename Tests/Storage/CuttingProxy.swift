import Foundation
import Glibc
import Synchronization

/// A way to a server over TCP that is cut when certain bytes are to pass.
final class CuttingProxy: Sendable {
    enum Cut: Sendable {
        /// Before the server hears of them.
        case before
        /// After the server has answered them, before the answer arrives.
        case afterAnswer
    }

    let port: Int
    private let listener: Int32
    private let target: Int
    private let armed = Mutex<(word: [UInt8], cut: Cut)?>(nil)
    private let cuts = Mutex(0)

    struct Failure: Error {}

    init(to target: Int) throws {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var address = Self.loopback(0)
        let isBound = withUnsafeMutablePointer(to: &address) { [listener] address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw Failure() }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in accept() }
    }

    /// The next connection on which `word` is sent is cut, once.
    func arm(_ word: String, _ cut: Cut) { armed.withLock { $0 = (Array(word.utf8), cut) } }

    var count: Int { cuts.withLock { $0 } }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    deinit { close(listener) }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return address
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.loopback(target)
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
            }
            guard isConnected else {
                close(client)
                close(server)
                continue
            }
            Thread.detachNewThread { [self] in pump(client, server) }
        }
    }

    /// Both directions on one thread; the connection's end closes both.
    private func pump(_ client: Int32, _ server: Int32) {
        defer {
            close(client)
            close(server)
        }
        var isCutting = false
        while true {
            var waiting = [pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0)]
            guard poll(&waiting, 2, -1) > 0 else { return }
            if waiting[0].revents != 0 {
                let bytes = read(client)
                if bytes.isEmpty { return }
                let cut = armed.withLock { armed -> Cut? in
                    guard let found = armed, bytes.contains(found.word) else { return nil }
                    armed = nil
                    return found.cut
                }
                if cut != nil { cuts.withLock { $0 += 1 } }
                if cut == .before { return }
                if cut == .afterAnswer { isCutting = true }
                guard write(server, bytes) else { return }
            }
            if waiting[1].revents != 0 {
                let bytes = read(server)
                guard !bytes.isEmpty, !isCutting, write(client, bytes) else { return }
            }
        }
    }

    private func read(_ descriptor: Int32) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    private func write(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
