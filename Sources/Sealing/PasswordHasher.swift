import CSodium
import Foundation
import Glibc
import NIOPosix
import Synchronization
import Vocabulary

/// Hashes passwords with argon2id (RFC 9106) on two threads of its own, and says no when too many wait.
///
/// Passwords are compared in Unicode's form NFC (NIST SP 800-63B-4, 3.1.1.2). Each hash takes memory, so the number that run and wait is
/// bounded: a flood of sign-ins costs the flooder, not the machine.
package final class PasswordHasher: Sendable {
    /// What one hash costs.
    package struct Cost: Sendable, Hashable {
        package let iterations: Int
        package let kibibytes: Int

        package init(iterations: Int, kibibytes: Int) {
            self.iterations = max(1, iterations)
            self.kibibytes = max(8, kibibytes)
        }

        /// OWASP's recommendation: 2 passes over 19 MiB, one lane; about 12 ms.
        package static let owasp = Cost(iterations: 2, kibibytes: 19 * 1024)
        /// The least that argon2id takes: for tests.
        package static let least = Cost(iterations: 1, kibibytes: 8)
    }

    /// In bytes of UTF-8. Longer ones are refused before any work.
    package static let longestPassword = 4096

    private let pool: NIOThreadPool
    private let admitted = Mutex(0)
    private let limit: Int
    /// How many hashes may run and wait at once.
    package var places: Int { limit }
    private let cost: Cost
    private let nobody: String

    package init(threads: Int = 2, waiting: Int = 64, cost: Cost = .owasp) {
        pool = NIOThreadPool(numberOfThreads: max(1, threads))
        limit = max(1, threads) + max(0, waiting)
        self.cost = cost
        nobody = PasswordHash.ofNobody(cost)
        pool.start()
    }

    deinit { pool.shutdownGracefully { _ in } }

    /// A PHC string: `$argon2id$v=19$m=19456,t=2,p=1$…$…`.
    /// - Throws: ``Refusal`` `busy`, `password-too-long`.
    package func hash(_ password: Secret) async throws -> String {
        guard password.count <= Self.longestPassword else {
            throw Refusal.invalid(
                "password-too-long", "This password is too long. Use at most \(Self.longestPassword) bytes.", field: "password")
        }
        let cost = cost
        return try await admit { try PasswordHash.make(password, cost) }
    }

    /// Whether `password` belongs to `hash`. A hash that can't be read is as wrong as a wrong password, and takes as long.
    /// - Throws: ``Refusal`` `busy`.
    package func verify(_ password: Secret, against hash: String) async throws -> Bool {
        guard password.count <= Self.longestPassword, PasswordHash.isReasonable(hash) else {
            try await verifyNothing(password)
            return false
        }
        return try await admit { PasswordHash.verify(password, hash) }
    }

    /// For an account that does not exist: the same work, so that the time doesn't tell.
    /// - Throws: ``Refusal`` `busy`, as ``verify(_:against:)`` would.
    package func verifyNothing(_ password: Secret) async throws {
        let (nobody, password) = (nobody, password.count <= Self.longestPassword ? password : Secret("too long"))
        guard PasswordHash.isReasonable(nobody) else { return }
        _ = try await admit { PasswordHash.verify(password, nobody) }
    }

    /// Whether `hash` was made with another cost than is used now; hash again at the next successful sign-in.
    package func needsRehash(_ hash: String) -> Bool { PasswordHash.cost(of: hash) != cost }

    private func admit<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let isAdmitted = admitted.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard isAdmitted else {
            throw Refusal(
                .unavailable(retryAfter: .seconds(2)), "busy", "Too many people are signing in at this moment. Try again in a few seconds.")
        }
        defer { admitted.withLock { $0 -= 1 } }
        return try await pool.runIfActive {
            Self.yieldToOthers()
            return try work()
        }
    }
}

extension PasswordHasher {
    /// Hashing takes each core for milliseconds at a time: where there aren't enough of them, what is quick goes first. On Linux a thread has a
    /// nice value of its own (setpriority(2), "C library/kernel differences").
    private static func yieldToOthers() { _ = setpriority(Int32(bitPattern: PRIO_PROCESS.rawValue), 0, 5) }
}

/// PHC strings of argon2id, by libsodium.
enum PasswordHash {
    /// libsodium chooses its fastest implementation once per process.
    private static let isReady = sodium_init() >= 0

    static func make(_ password: Secret, _ cost: PasswordHasher.Cost) throws -> String {
        guard isReady else { throw SealingFault.passwordHashingFailed }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        let code = withNormalised(password) { bytes, count in
            crypto_pwhash_str_alg(
                &text, bytes, count, UInt64(cost.iterations), cost.kibibytes * 1024, crypto_pwhash_alg_argon2id13())
        }
        guard code == 0 else { throw SealingFault.passwordHashingFailed }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func verify(_ password: Secret, _ hash: String) -> Bool {
        guard isReady else { return false }
        return withNormalised(password) { crypto_pwhash_str_verify(hash, $0, $1) == 0 }
    }

    /// Whether verifying costs no more than a hash of ours ever will: a stored text must not be able to ask for gigabytes.
    static func isReasonable(_ hash: String) -> Bool {
        guard hash.utf8.count < 128, let cost = cost(of: hash) else { return false }
        return cost.iterations <= 16 && cost.kibibytes <= 256 * 1024
    }

    /// Nil for what is no PHC string of ours. By hand: a regular expression is made anew for each use, which was a third of what a sign-in costs beside its hash.
    static func cost(of hash: String) -> PasswordHasher.Cost? {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        let numbers = parts[3].split(separator: ",", omittingEmptySubsequences: false)
        guard numbers.count == 3, let kibibytes = number("m=", numbers[0], digits: 8), let iterations = number("t=", numbers[1], digits: 4),
            numbers[2] == "p=1", kibibytes >= 8, iterations >= 1, isBase64(parts[4], 11...64), isBase64(parts[5], 22...86)
        else { return nil }
        return PasswordHasher.Cost(iterations: iterations, kibibytes: kibibytes)
    }

    private static func number(_ name: String, _ text: Substring, digits: Int) -> Int? {
        guard text.hasPrefix(name) else { return nil }
        let text = text.dropFirst(name.count)
        guard text.utf8.count <= digits, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    private static func isBase64(_ text: Substring, _ count: ClosedRange<Int>) -> Bool {
        count.contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "+"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }

    /// The hash of a password that nobody knows: 32 zero bytes are no output that anyone can find an input for.
    static func ofNobody(_ cost: PasswordHasher.Cost) -> String {
        "$argon2id$v=19$m=\(cost.kibibytes),t=\(cost.iterations),p=1$bm9ib2R5IG5vYm9keSBubw$\(String(repeating: "A", count: 43))"
    }

    private static func withNormalised<T>(_ password: Secret, _ body: (UnsafePointer<CChar>, UInt64) -> T) -> T {
        normalised(password).withBytes { bytes in
            guard let base = bytes.bindMemory(to: CChar.self).baseAddress else { return body("", 0) }
            return body(base, UInt64(bytes.count))
        }
    }

    /// NFC. ASCII, which is in that form already, never becomes a `String`, whose memory nobody zeroes.
    private static func normalised(_ password: Secret) -> Secret {
        password.withBytes { bytes in
            guard bytes.contains(where: { $0 >= 0x80 }), let text = String(validating: bytes, as: UTF8.self) else { return password }
            return Secret(text.precomposedStringWithCanonicalMapping)
        }
    }
}
