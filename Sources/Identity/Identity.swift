// Identity: who a person is, and that it really is that person.
//
// It promises: one account per identifier in any spelling; passwords that nobody can read back; a second factor before
// any data; passkeys, of which only public keys are kept; a fresh proof before what is dangerous; sessions that end everywhere at once; one-time codes that work once; the same answer, in the same time,
// whether an account exists or not; and exactly one audit event for every attempt to sign in.
// It refuses to know pages, cookies, tokens of OpenID Connect, and what a role permits inside an environment.
import Cluster
import Storage

/// The tables of this target, all in the control database; and that of what has to be forgotten there.
package enum IdentitySchema {
    package static let migrations: [Migration] =
        Invalidations.migrations + Accounts.migrations + Passwords.migrations + Factors.migrations + Sessions.migrations
        + Throttle.migrations
        + OneTimeCodes.migrations + Memberships.migrations + Invitations.migrations + Staff.migrations + Passkeys.migrations
        + FactorResets.migrations + Passwords.lengthMigrations + Devices.migrations + Risks.migrations
        + SignInRules.migrations + Risks.tokenMigrations + Devices.memberMigrations
}

// The few words in which the engines' column types differ.
extension Dialect {
    var instant: SQL { self == .sqlite ? "INTEGER" : "BIGINT" }
    var bytes: SQL { self == .sqlite ? "BLOB" : "BYTEA" }
    var strict: SQL { self == .sqlite ? " STRICT" : "" }
}
