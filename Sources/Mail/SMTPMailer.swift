import Foundation
import Threads
import Vocabulary

/// Hands messages to a mail server (RFC 5321) through libcurl.
///
/// TLS with a verified certificate, unless the server is this machine and plain text was asked for. One connection per message: mail is rare.
package final class SMTPMailer: Mailer {
    package enum Security: Sendable, Hashable {
        /// Upgrade required before anything is said (RFC 3207).
        case startTLS
        /// TLS from the first byte (RFC 8314), port 465.
        case tls
        /// Refused unless the host is `localhost`, `127.0.0.1` or `::1`.
        case plaintextOnLoopback
    }

    package struct Settings: Sendable {
        package var host: String
        package var port: Int
        package var security: Security
        package var user: String?
        package var password: Secret?
        /// PEM file with the authorities to trust, instead of the system's.
        package var authorities: String?
        package var timeout: Duration

        package init(
            host: String, port: Int = 587, security: Security = .startTLS, user: String? = nil, password: Secret? = nil,
            authorities: String? = nil, timeout: Duration = .seconds(30)
        ) {
            self.host = host
            self.port = port
            self.security = security
            self.user = user
            self.password = password
            self.authorities = authorities
            self.timeout = timeout
        }
    }

    private let settings: Settings
    private let sender: Sender
    private let clock: any Clock
    private let threads: BoundedThreads

    /// - Throws: ``MailFault`` `.settings`
    package init(_ settings: Settings, sender: Sender, clock: any Clock, threads: Int = 2, waiting: Int = 256) throws {
        try SMTPExchange.check(settings)
        self.settings = settings
        self.sender = sender
        self.clock = clock
        self.threads = BoundedThreads(threads, waiting: waiting)
    }

    package func send(_ message: Message, id: String) async throws {
        let posting = Posting(message, messageID: "\(id)@\(sender.domain)", at: clock.now())
        let exchange = SMTPExchange(settings: settings, sender: sender, posting: posting)
        do {
            try await threads.run { try exchange.run() }
        } catch is BoundedThreads.Crowded {
            throw MailFault.temporary(reason: "too many messages wait for the mail server")
        }
    }
}
