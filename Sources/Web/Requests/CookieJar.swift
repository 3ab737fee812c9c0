import HTTPTypes
import Hummingbird
import Vocabulary

/// Cookies of ours: always `__Host-`, so no other host, subdomain or plain connection can set or read them (RFC 6265bis section 4.1.3).
package struct HostCookie: Sendable {
    /// With the prefix: `__Host-session`.
    package let name: String

    package init(_ bareName: String) { name = "__Host-" + bareName }

    package static let session = HostCookie("session")
    package static let flash = HostCookie("flash")
    /// By which a browser is known again, for as long as it keeps it. Of the apex alone.
    package static let device = HostCookie("device")

    package enum SameSite: String, Sendable {
        case strict = "Strict"
        /// Sent on navigation from elsewhere: what signing in through another host needs.
        case lax = "Lax"
    }

    /// The value that came with a request. Nil where there is none, or two of them: one of them would be somebody else's.
    package func value(in request: Request) -> String? {
        var found: String?
        for header in request.headers[values: .cookie] {
            for pair in header.utf8.split(separator: UInt8(ascii: ";")) {
                let trimmed = pair.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                guard trimmed.starts(with: name.utf8), case let rest = trimmed.dropFirst(name.utf8.count), rest.first == UInt8(ascii: "=")
                else { continue }
                guard found == nil else { return nil }
                found = String(Substring(rest.dropFirst()).trimmingSpaces())
            }
        }
        return found
    }

    /// Sets the cookie. The value must be a token: base64url, hexadecimal or the like; anything else clears it instead.
    package func set(_ value: String, on response: inout Response, maxAge: Duration? = nil, sameSite: SameSite = .lax) {
        let isSafe = value.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x2C && $0 != 0x3B && $0 != 0x5C }
        guard isSafe else { return clear(on: &response) }
        var text = "\(name)=\(value); Path=/; Secure; HttpOnly; SameSite=\(sameSite.rawValue)"
        if let maxAge { text += "; Max-Age=\(maxAge.components.seconds)" }
        response.headers.append(HTTPField(name: .setCookie, value: text))
    }

    package func clear(on response: inout Response) {
        response.headers.append(HTTPField(name: .setCookie, value: "\(name)=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"))
    }
}
