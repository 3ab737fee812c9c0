import Foundation
import Storage
import Vocabulary

/// How waiting grows with failures of one kind.
package struct ThrottleRule: Sendable, Hashable {
    /// Failures that cost nothing: people mistype.
    let free: Int
    let longest: Duration
    /// After this many failures in a row the way is shut until something else opens it (a new password by mail). Nil: never.
    let limit: Int?
    /// After this long without a failure, counting starts again. Nil: only success clears it.
    let fades: Duration?

    /// NIST SP 800-63B-4, 3.2.2: no more than 100 failed attempts in a row on one account.
    static let account = ThrottleRule(free: 5, longest: .minutes(15), limit: 100, fades: nil)
    /// An address may stand for an office full of people.
    static let address = ThrottleRule(free: 30, longest: .minutes(10), limit: nil, fades: .hours(6))
    /// Mails that a stranger can cause somebody to get.
    static let mail = ThrottleRule(free: 3, longest: .hours(4), limit: nil, fades: .hours(12))

    /// The wait after `failures` failures: nothing, then 1 s, 2 s, 4 s, … up to `longest`.
    package func delay(after failures: Int) -> Duration {
        guard failures >= free else { return .zero }
        return min(longest, .seconds(1 << min(failures - free, 20)))
    }
}

/// One thing that is counted: an account's password, its second factor, an address.
package struct ThrottleKey: Sendable, Hashable {
    let digest: String
    let rule: ThrottleRule
}

/// Slows down guessing, per account and per address; persisted, so that a restart forgives nothing.
///
/// An attempt is counted as a failure *before* it is judged and taken back when it was right. Otherwise a thousand
/// guesses at the same moment would all see a clean record.
package struct Throttle: Sendable {
    let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    package static let migrations: [Migration] = [
        Migration("identity_0005_throttle") { dialect in
            [
                """
                CREATE TABLE throttle (
                    key TEXT NOT NULL PRIMARY KEY,
                    failures INTEGER NOT NULL,
                    last_failure_at \(dialect.instant) NOT NULL,
                    blocked_until \(dialect.instant) NOT NULL
                )\(dialect.strict)
                """
            ]
        }
    ]

    package enum Admission: Sendable, Hashable {
        case admitted
        case blocked(retryAfter: Duration)
    }

    /// The password of an account, or of an identifier that has none: both are counted alike.
    ///
    /// Seen from an address where this account has signed in before, the count is a separate one. So somebody else's guesses
    /// don't lock the owner out of their usual place.
    func password(_ identifier: String, knownAddress: String?) -> ThrottleKey {
        ThrottleKey(
            digest: plane.keyedDigest("\(identifier)\u{0}\(knownAddress ?? "")", for: "throttle-password"), rule: .account)
    }

    /// On a device that the account is known on.
    func password(_ identifier: String, on device: DeviceID) -> ThrottleKey {
        password(identifier, knownAddress: "device/\(device)")
    }

    /// Codes of an authenticator. Counted apart from recovery codes: failing here never shuts the other way.
    func factor(_ account: AccountID, on device: DeviceID? = nil) -> ThrottleKey {
        ThrottleKey(digest: plane.keyedDigest(Self.text(account, device), for: "throttle-factor"), rule: .account)
    }

    func recovery(_ account: AccountID, on device: DeviceID? = nil) -> ThrottleKey {
        ThrottleKey(digest: plane.keyedDigest(Self.text(account, device), for: "throttle-recovery"), rule: .account)
    }

    private static func text(_ account: AccountID, _ device: DeviceID?) -> String {
        device.map { "\(account)\u{0}\($0)" } ?? account.description
    }

    func address(_ address: String?) -> ThrottleKey? {
        address.map { ThrottleKey(digest: plane.keyedDigest(NetworkPrefix.of($0), for: "throttle-address"), rule: .address) }
    }

    func mail(to identifier: String) -> ThrottleKey {
        ThrottleKey(digest: plane.keyedDigest(identifier, for: "throttle-mail"), rule: .mail)
    }

    /// Lets an attempt in and counts it, for all keys; or counts nothing and says how long to wait.
    func admit(_ keys: [ThrottleKey], in transaction: any Transaction) throws -> Admission {
        let now = plane.clock.now()
        var counted: [(key: ThrottleKey, failures: Int)] = []
        var wait = Duration.zero
        for key in keys {
            let row = try transaction.row("SELECT failures, last_failure_at, blocked_until FROM throttle WHERE key = \(key.digest)")
            var failures = try row?.get(0, as: Int.self) ?? 0
            if let fades = key.rule.fades, let last = try row?.get(1, as: Instant.self), now - last > fades { failures = 0 }
            if let limit = key.rule.limit, failures >= limit {
                wait = max(wait, .hours(24))
            } else if failures > 0, let until = try row?.get(2, as: Instant.self), now < until {
                // A clock that was set back must not turn seconds into a year.
                wait = max(wait, min(until - now, key.rule.longest))
            }
            counted.append((key, failures + 1))
        }
        guard wait == .zero else { return .blocked(retryAfter: wait) }
        for (key, failures) in counted {
            try transaction.run(
                """
                INSERT INTO throttle (key, failures, last_failure_at, blocked_until)
                VALUES (\(key.digest), \(failures), \(now), \(now + key.rule.delay(after: failures)))
                ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, last_failure_at = excluded.last_failure_at,
                    blocked_until = excluded.blocked_until
                """)
        }
        return .admitted
    }

    /// The attempt was right. What concerns the account starts anew; an address only gets this one attempt back, or an attacker
    /// would wash its record by signing in to an account of its own in between.
    func clear(_ keys: [ThrottleKey], in transaction: any Transaction) throws {
        for key in keys {
            if key.rule.limit != nil {
                try transaction.run("DELETE FROM throttle WHERE key = \(key.digest)")
            } else {
                try takeBack([key], in: transaction)
            }
        }
    }

    /// The attempt was never judged (the server was busy), or was right.
    func takeBack(_ keys: [ThrottleKey], in transaction: any Transaction) throws {
        for key in keys {
            try transaction.run(
                "UPDATE throttle SET failures = failures - 1, blocked_until = last_failure_at WHERE key = \(key.digest) AND failures > 0")
        }
    }

    /// Forgets counts that have faded.
    package func sweep() async throws {
        let before = plane.clock.now() - .days(400)
        try await plane.write { try $0.run("DELETE FROM throttle WHERE last_failure_at < \(before)") }
    }
}

/// What one party can easily change its address within: a single IPv4 address, an IPv6 /64.
package enum NetworkPrefix {
    package static func of(_ address: String) -> String {
        guard address.contains(":") else { return address }
        let text = address.lowercased()
        if let range = text.range(of: "::ffff:"), text[range.upperBound...].contains(".") { return String(text[range.upperBound...]) }
        let halves = text.split(separator: "%", maxSplits: 1)[0].components(separatedBy: "::")
        var groups = halves[0].split(separator: ":").map(String.init)
        if halves.count == 2 {
            let tail = halves[1].split(separator: ":").map(String.init)
            groups += Array(repeating: "0", count: max(0, 8 - groups.count - tail.count)) + tail
        }
        return groups.prefix(4).map { String(UInt16($0, radix: 16) ?? 0, radix: 16) }.joined(separator: ":") + "::/64"
    }
}
