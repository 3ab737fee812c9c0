import CCurl
import Foundation
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// One message over one connection. Blocks.
struct SMTPExchange: Sendable {
    let settings: SMTPMailer.Settings
    let sender: Sender
    let posting: Posting

    /// libcurl asks to be set up once, before threads use it.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

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
        guard Self.isReady, let curl = curl_easy_init() else { throw .temporary(reason: "libcurl could not start") }
        defer { curl_easy_cleanup(curl) }
        let upload = Upload(Composition.bytes(posting, from: sender))
        let recipients = curl_slist_append(nil, "<\(posting.message.to)>")
        defer { curl_slist_free_all(recipients) }
        guard let recipients else { throw .temporary(reason: "out of memory") }

        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        let scheme = settings.security == .tls ? "smtps" : "smtp"
        var codes: [CURLcode] = []
        func set(_ option: CURLoption, _ text: String) { codes.append(text.withCString { holdfast_curl_set_pointer(curl, option, $0) }) }
        func set(_ option: CURLoption, _ number: Int) { codes.append(holdfast_curl_set_long(curl, option, number)) }
        // The path is what the client calls itself in EHLO.
        set(CURLOPT_URL, "\(scheme)://\(host):\(settings.port)/\(sender.domain)")
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, min(10_000, milliseconds))
        set(CURLOPT_TIMEOUT_MS, milliseconds)
        set(CURLOPT_USE_SSL, Int((settings.security == .plaintextOnLoopback ? CURLUSESSL_NONE : CURLUSESSL_ALL).rawValue))
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        if let authorities = settings.authorities { set(CURLOPT_CAINFO, authorities) }
        if let user = settings.user { set(CURLOPT_USERNAME, user) }
        if let password = settings.password {
            codes.append(
                password.withBytes { bytes in
                    var text = bytes.map { CChar(bitPattern: $0) } + [0]
                    defer { text.withUnsafeMutableBytes { bytes in if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) } } }
                    return holdfast_curl_set_pointer(curl, CURLOPT_PASSWORD, text)
                })
        }
        set(CURLOPT_MAIL_FROM, "<\(sender.address)>")
        codes.append(holdfast_curl_set_pointer(curl, CURLOPT_MAIL_RCPT, recipients))
        set(CURLOPT_UPLOAD, 1)
        codes.append(
            holdfast_curl_set_read(
                curl,
                { target, size, count, context in
                    guard let target, let context else { return Int(CURL_READFUNC_ABORT) }
                    return Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue().read(into: target, size * count)
                }, Unmanaged.passUnretained(upload).toOpaque()))
        guard codes.allSatisfy({ $0 == CURLE_OK }) else { throw .settings(reason: "libcurl refused a setting") }

        let code = withExtendedLifetime(upload) { curl_easy_perform(curl) }
        guard code != CURLE_OK else { return }
        var answer = 0
        _ = holdfast_curl_get_long(curl, CURLINFO_RESPONSE_CODE, &answer)
        throw Self.fault(code, answer: answer)
    }

    private var milliseconds: Int { Int(clamping: settings.timeout.microseconds / 1000) }

    /// The server's own text is left out: it may repeat the address.
    private static func fault(_ code: CURLcode, answer: Int) -> MailFault {
        let reason = String(cString: curl_easy_strerror(code))
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

/// What libcurl reads from. Used by one thread at a time.
private final class Upload {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(into target: UnsafeMutablePointer<CChar>, _ room: Int) -> Int {
        let count = min(room, bytes.count - position)
        bytes.withUnsafeBytes { source in
            if count > 0, let base = source.baseAddress {
                UnsafeMutableRawPointer(target).copyMemory(from: base.advanced(by: position), byteCount: count)
            }
        }
        position += count
        return count
    }
}
