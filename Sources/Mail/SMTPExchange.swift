import CCurl
import Curl
import Foundation
import Vocabulary

/// One message over one connection. Blocks.
struct SMTPExchange: Sendable {
    let settings: SMTPMailer.Settings
    let sender: Sender
    let posting: Posting

    static func check(_ settings: SMTPMailer.Settings) throws(MailFault) {
        let isHostName = settings.host.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 46 || $0 == 58
        }
        guard isHostName, !settings.host.isEmpty, settings.host.utf8.count <= 253, settings.host.utf8.first != 45 else {
            throw .settings(reason: "the mail server's host name is not one")
        }
        guard (1...65_535).contains(settings.port) else { throw .settings(reason: "the mail server's port must lie between 1 and 65535") }
        guard settings.timeout > .zero else { throw .settings(reason: "the mail server needs a time limit above zero") }
        if settings.security == .plaintextOnLoopback, !["localhost", "127.0.0.1", "::1"].contains(settings.host) {
            throw .settings(reason: "mail to another machine needs TLS; plain text is for this machine only")
        }
        guard (settings.user == nil) == (settings.password == nil) else {
            throw .settings(reason: "a mail server's user and password go together")
        }
    }

    func run() throws(MailFault) {
        guard let transfer = Transfer() else { throw .temporary(reason: "libcurl could not start") }
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        let scheme = settings.security == .tls ? "smtps" : "smtp"
        // The path is what the client calls itself in EHLO.
        transfer.set(CURLOPT_URL, "\(scheme)://\(host):\(settings.port)/\(sender.domain)")
        transfer.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        transfer.limit(connecting: .seconds(10), whole: settings.timeout)
        transfer.set(CURLOPT_USE_SSL, Int((settings.security == .plaintextOnLoopback ? CURLUSESSL_NONE : CURLUSESSL_ALL).rawValue))
        if let authorities = settings.authorities { transfer.set(CURLOPT_CAINFO, authorities) }
        if let user = settings.user { transfer.set(CURLOPT_USERNAME, user) }
        if let password = settings.password { transfer.set(CURLOPT_PASSWORD, password) }
        transfer.set(CURLOPT_MAIL_FROM, "<\(sender.address)>")
        transfer.set(CURLOPT_MAIL_RCPT, ["<\(posting.message.to)>"])
        transfer.send(Composition.bytes(posting, from: sender))
        guard transfer.settingsWereTaken else { throw .settings(reason: "libcurl refused a setting") }
        let code = transfer.perform()
        guard code == CURLE_OK else { throw Self.fault(code, answer: transfer.status) }
    }

    /// The server's own text is left out: it may repeat the address.
    private static func fault(_ code: CURLcode, answer: Int) -> MailFault {
        let reason = Transfer.reason(code)
        switch code {
        case CURLE_PEER_FAILED_VERIFICATION: return .temporary(reason: "the mail server's certificate is not trusted")
        case CURLE_USE_SSL_FAILED: return .temporary(reason: "the mail server does not offer TLS")
        case CURLE_LOGIN_DENIED: return .temporary(reason: "the mail server refused the user and password")
        default:
            return (500...599).contains(answer)
                ? .permanent(reason: "the mail server refused the message (\(answer))")
                : .temporary(reason: answer > 0 ? "the mail server answered \(answer)" : reason)
        }
    }
}
