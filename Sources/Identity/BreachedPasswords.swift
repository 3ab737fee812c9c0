import Crypto
import Glibc
import Threads
import Vocabulary

/// Passwords of published breaches, by the first eight bytes of their SHA-1, in a file of its own (docs/formats/breached-passwords.md).
///
/// Nothing of a password leaves the machine, and each lookup reads two or three blocks of the file on threads of its own.
package final class BreachedPasswords: Sendable {
    package enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        case missing
        case foreign
        case cut

        package var description: String {
            switch self {
            case .missing: "the file can't be opened"
            case .foreign: "it was not made by holdfast password-list build"
            case .cut: "it is shorter or longer than it says: make it again"
            }
        }
    }

    static let magic = Array("holdfast breached pw v1\n".utf8)
    static let headerLength = 32
    static let trailerLength = 32
    static let width = 8
    /// Entries that are read at once: a page of the file.
    private static let block = 512

    /// How many passwords are in it.
    package let count: Int
    private let descriptor: Int32
    private let threads: BoundedThreads

    /// - Throws: ``Fault``
    package init(path: String, threads: Int = 2, waiting: Int = 256) throws(Fault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .missing }
        do throws(Fault) {
            count = try Self.count(in: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.threads = BoundedThreads(threads, waiting: waiting)
    }

    deinit { close(descriptor) }

    /// - Throws: ``Refusal`` `password-list`, where the disk can't be read or too many wait.
    package func holds(_ password: Secret) async throws -> Bool {
        let wanted = Self.key(of: password)
        do {
            return try await threads.run { [descriptor, count] in try Self.find(wanted, in: descriptor, count) }
        } catch {
            throw Refusal(
                .unavailable(retryAfter: .seconds(5)), "password-list", "New passwords can't be checked just now. Try again in a moment.")
        }
    }

    static func key(of password: Secret) -> UInt64 {
        let digest = password.withBytes { Insecure.SHA1.hash(data: $0) }
        return digest.prefix(width).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private struct Unreadable: Error {}

    private static func count(in descriptor: Int32) throws(Fault) -> Int {
        guard let header = read(descriptor, headerLength, at: 0), header.starts(with: magic) else { throw .foreign }
        let count = header[magic.count...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, count < 1 << 40,
            Int(facts.st_size) == headerLength + Int(count) * width + trailerLength
        else { throw .cut }
        return Int(count)
    }

    /// Digests are spread evenly, so where one must lie can be told from its value; a few blocks settle it. Should they not be spread evenly, halving does.
    private static func find(_ wanted: UInt64, in descriptor: Int32, _ count: Int) throws -> Bool {
        var (low, high) = (0, count)
        var (least, most) = (UInt64(0), UInt64.max)
        var turn = 0
        while low < high {
            let share = turn % 3 == 2 ? 0.5 : Double(wanted - least) / max(1, Double(most - least))
            let guess = min(high - 1, low + Int(Double(high - low) * share))
            let start = max(low, min(guess - block / 2, high - block))
            let entries = try entries(start, min(block, high - start), in: descriptor)
            guard let first = entries.first, let last = entries.last else { throw Unreadable() }
            if wanted < first {
                (high, most) = (start, first)
            } else if wanted > last {
                (low, least) = (start + entries.count, last)
            } else {
                return entries.contains(wanted)
            }
            turn += 1
        }
        return false
    }

    private static func entries(_ start: Int, _ count: Int, in descriptor: Int32) throws -> [UInt64] {
        guard let bytes = read(descriptor, count * width, at: headerLength + start * width) else { throw Unreadable() }
        return stride(from: 0, to: bytes.count, by: width).map { place in
            bytes[place..<place + width].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    static func read(_ descriptor: Int32, _ count: Int, at offset: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            done += got
        }
        return bytes
    }
}
