import Foundation

/// Where a webhook goes, in the one spelling that everybody reads alike: whose name is judged must be whose name libcurl asks for.
struct WebhookAddress: Sendable, Hashable {
    /// A name in lower case, an IPv4 address, or an IPv6 address in brackets.
    let host: String
    let port: Int
    let isPlain: Bool
    /// Put together anew from its parts.
    let text: String

    static let longest = 2000

    /// Nil for whatever is no address, has a user, a fragment, or a host of other characters than names have.
    init?(_ typed: String) {
        guard typed.utf8.count <= Self.longest, typed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }),
            let parts = URLComponents(string: typed), let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = parts.host?.lowercased(), Self.isHost(host), parts.user == nil, parts.password == nil, parts.fragment == nil,
            parts.port.map({ (1...65_535).contains($0) }) ?? true
        else { return nil }
        self.host = host
        isPlain = scheme == "http"
        port = parts.port ?? (isPlain ? 80 : 443)
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        text = "\(scheme)://\(host):\(port)\(path)" + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
    }

    private static func isHost(_ host: String) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.dropFirst().dropLast().utf8.allSatisfy { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") || isHexadecimal($0) }
        }
        // A last dot is a second spelling of the same name.
        return !host.isEmpty && !host.hasPrefix(".") && !host.hasSuffix(".")
            && host.utf8.allSatisfy {
                isHexadecimal($0) || (UInt8(ascii: "g")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: ".")
                    || $0 == UInt8(ascii: "-")
            }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
