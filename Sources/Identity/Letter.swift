import Jobs
import Mail
import Storage
import Vocabulary

/// A mail that Identity wants sent. May hold a one-time link, so whoever stores it until it is sent seals it.
package struct Letter: Sendable, Hashable {
    package let to: String
    package let subject: String
    package let text: String
    /// When it has become pointless: a link that no longer works is not sent. Nil: never.
    package var expiresAt: Instant?
}

/// Where letters are dropped: into the outbox, as a row of the same transaction.
package struct LetterBox: Sendable {
    let drop: @Sendable (Letter, any Transaction) throws -> Void

    package init(_ drop: @escaping @Sendable (Letter, any Transaction) throws -> Void) { self.drop = drop }

    /// Letters go into `outbox`, which seals them.
    package init(_ outbox: Outbox, clock: any Clock) {
        drop = { letter, transaction in
            let message = try Message(to: letter.to, subject: letter.subject, text: letter.text)
            try outbox.add(.mail(message, expiresAt: letter.expiresAt), in: transaction, at: clock.now())
        }
    }
}

extension Letter {
    static func invitation(to address: String, tenant: String, inviter: String?, link: String, product: String, until: Instant)
        -> Letter
    {
        Letter(
            to: address, subject: "Invitation to \(tenant)",
            text: """
                Hello,

                \(inviter.map { "\($0) invites you" } ?? "You are invited") to join \(tenant) on \(product).
                Open this link to accept. It works once, for this address, until \(day(of: until)):

                \(link)

                If you don't expect this, ignore the mail: nothing happens without you.

                """, expiresAt: until)
    }

    static func passwordReset(to address: String, link: String, product: String, until: Instant) -> Letter {
        Letter(
            to: address, subject: "A new password for \(product)",
            text: """
                Hello,

                somebody, hopefully you, asked for a new password for \(product) with this address.
                Open this link to set one. It works once, during the next 30 minutes; you will need your authenticator too:

                \(link)

                If it was not you, ignore the mail: your password stays as it is.

                """, expiresAt: until)
    }

    /// `what`: "passkey", "authenticator app".
    static func factorAdded(to address: String, what: String, product: String) -> Letter {
        Letter(
            to: address, subject: "A new \(what) for your account",
            text: """
                Hello,

                \(article(what)) \(what) was just added to your \(product) account. It can be used to sign in.
                If it was not you, remove it on the page of your account at once, sign out everywhere else, and tell your administrator.

                """)
    }

    static func factorRemoved(to address: String, what: String, product: String) -> Letter {
        Letter(
            to: address, subject: "\(article(what)) \(what) was removed from your account",
            text: """
                Hello,

                \(article(what).lowercased()) \(what) of your \(product) account was just removed. It no longer signs you in.
                If it was not you, change your password, sign out everywhere else, and tell your administrator.

                """)
    }

    static func passkeyCopySuspected(to address: String, name: String, product: String) -> Letter {
        Letter(
            to: address, subject: "Check one of your passkeys",
            text: """
                Hello,

                the passkey “\(name)” of your \(product) account was just used, and its counter did not go on from where it was.
                The device may have a fault, or somebody may have a copy of it. If you can't explain it, remove this passkey
                on the page of your account and register a new one.

                """)
    }

    /// `network`: roughly where it came from; `link` ends everything.
    static func newDevice(to address: String, at now: Instant, platform: String, network: String?, link: String, product: String) -> Letter
    {
        let when = now.description
        return Letter(
            to: address, subject: "A new device signed in to your account",
            text: """
                Hello,

                somebody just signed in to your \(product) account on a device that it was not used on before:

                  When   \(when.prefix(10)), \(when.dropFirst(11).prefix(5)) UTC
                  With   \(platform)
                  From   \(network.map { "the network \($0)" } ?? "an unknown network")

                If it was you, there is nothing to do.

                If it was not, open this link. It signs you out on every device and ends the access of every application, without signing in first:

                \(link)

                Then set a new password, look at your passkeys and devices on the page of your account, and tell your administrator.

                """, expiresAt: now + WayOut.linkLife)
    }

    static func factorResetRequested(to address: String, product: String) -> Letter {
        Letter(
            to: address, subject: "A new second factor for your account was asked for",
            text: """
                Hello,

                an administrator of your organisation says that you have lost every second factor of your \(product) account.
                If another one agrees, you get a link by mail to set up a new one, together with your password.

                If you have not lost them, sign in as always: that stops it. And tell your administrator.

                """)
    }

    static func factorReset(to address: String, link: String, product: String, waits: Bool, until: Instant) -> Letter {
        Letter(
            to: address, subject: "Set up a new second factor",
            text: """
                Hello,

                two administrators of your organisation confirm that you have lost every second factor of your \(product) account.
                Open this link to set up a new one. It works once, \(waits ? "from 24 hours after this mail on, for a day" : "during the next 24 hours"); you will need your password too:

                \(link)

                If you have not lost them, sign in as always: that makes this link worthless. And tell your administrator.

                """, expiresAt: until)
    }

    static func factorResetUsed(to address: String, product: String) -> Letter {
        Letter(
            to: address, subject: "Your second factors were removed",
            text: """
                Hello,

                all second factors of your \(product) account were just removed, by the link that two administrators had sent to you, and
                with your password. You were signed out everywhere. If it was not you, tell your administrator at once.

                """)
    }

    /// `2026-11-28`.
    private static func day(of instant: Instant) -> Substring { String(describing: instant).prefix(10) }

    private static func article(_ what: String) -> String { what.hasPrefix("a") ? "An" : "A" }

    /// `keepsOne`: whether the session that changed it goes on.
    static func passwordChanged(to address: String, product: String, keepsOne: Bool) -> Letter {
        Letter(
            to: address, subject: "Your password was changed",
            text: """
                Hello,

                the password of your \(product) account was just changed, and you were signed out everywhere\(keepsOne ? " but where you changed it" : "").
                If it was not you, ask for a new password at once and tell your administrator.

                """)
    }
}
