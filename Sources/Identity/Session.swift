import Storage
import Vocabulary

/// A signed-in browser (or one on its way there).
///
/// At the apex it belongs to the person alone; at a tenant's host it is the child of an apex session and ends with it.
package struct Session: Sendable, Hashable {
    /// How far signing in has come. Nothing but `complete` reaches any data.
    package enum Stage: String, Sendable, Hashable {
        /// The password was right; the second factor has not been shown.
        case factor
        /// The password was right; there is no second factor yet, one must be enrolled now.
        case enrolment
        case complete
    }

    package enum Ending: String, Sendable, Hashable {
        case signedOut = "signed-out"
        case revoked
        case expired
        case accountDisabled = "account-disabled"
        case membershipEnded = "membership-ended"
        case membershipSuspended = "membership-suspended"
        case passwordChanged = "password-changed"
    }

    package let id: SessionID
    package let account: AccountID
    /// Nil at the apex.
    package let environment: EnvironmentID?
    package let tenant: TenantID?
    /// The apex session that this one hangs on. Nil at the apex.
    package let parent: SessionID?
    package let stage: Stage
    package let createdAt: Instant
    /// When the person last proved who they are: `auth_time`.
    package let authenticatedAt: Instant
    package let lastSeenAt: Instant
    package let idleLife: Duration
    /// Whatever happens, it ends here.
    package let endsAt: Instant
    package let endedAt: Instant?
    package let ending: Ending?
    package let address: String?
    package let agent: String?
    /// RFC 8176 names of what was shown: `pwd`, `otp`, …
    package let methods: [String]
    /// Nil until signing in is finished in a browser that wasn't known, and for programs.
    package private(set) var device: DeviceID?
    /// Of the token by which the browser can be known again.
    let browser: TokenDigest?
    /// Whether the password that began it is one of those that attackers try first.
    let hasCommonPassword: Bool

    func on(_ device: DeviceID) -> Session {
        var copy = self
        copy.device = device
        return copy
    }

    package var factorVerified: Bool { stage == .complete }

    /// A last use that lies in the future means that the clock went back; how long the session was idle can't be
    /// known then, so it ends rather than live longer than promised.
    package func isAlive(at now: Instant) -> Bool {
        endedAt == nil && now < endsAt && now < lastSeenAt + idleLife && lastSeenAt <= now + Self.clockTolerance
    }

    static let clockTolerance = Duration.minutes(2)
}

/// How long sessions live.
package struct SessionLife: Sendable, Hashable {
    package var idle = Duration.minutes(30)
    package var absolute = Duration.hours(12)
    /// For the steps between password and second factor.
    package var unfinished = Duration.minutes(15)

    package init() {}
    package init(idle: Duration, absolute: Duration) {
        self.idle = idle
        self.absolute = absolute
    }
}

/// A session together with its token, which exists only here: it goes into the cookie and is not kept.
package struct IssuedSession: Sendable {
    package let session: Session
    package let token: Token
}

extension Session {
    static let columns: SQL = """
        session.id, session.account, session.environment, session.tenant, session.parent, session.stage, session.created_at,
        session.authenticated_at, session.last_seen_at, session.idle_life, session.ends_at, session.ended_at, session.ending,
        session.address, session.agent, session.methods, session.device, session.browser_digest,
        session.guessable
        """

    init(row: Row) throws {
        guard let stage = Stage(rawValue: try row.get(5)) else { throw StorageError.unexpectedColumn("session.stage") }
        self.init(
            id: try row.get(0), account: try row.get(1), environment: try row.get(2), tenant: try row.get(3), parent: try row.get(4),
            stage: stage, createdAt: try row.get(6), authenticatedAt: try row.get(7), lastSeenAt: try row.get(8),
            idleLife: .microseconds(try row.get(9, as: Int64.self)), endsAt: try row.get(10), endedAt: try row.get(11),
            ending: try row.get(12, as: String?.self).flatMap(Ending.init(rawValue:)), address: try row.get(13), agent: try row.get(14),
            methods: try row.get(15, as: String.self).split(separator: " ").map(String.init), device: try row.get(16),
            browser: try row.get(17), hasCommonPassword: try row.get(18))
    }
}
