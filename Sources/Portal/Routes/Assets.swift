import HTTPTypes
import Hummingbird
import NIOCore
import Vocabulary
import Web

extension Portal {
    /// Style and script. Their address has a digest of the content, so browsers keep them for a year.
    func addAssets(to router: Router<HoldfastContext>) {
        let types = ["css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"]
        for (name, text) in PortalFiles.assets {
            let type = types[String(name.split(separator: ".").last ?? "")] ?? "application/octet-stream"
            let content = ByteBuffer(string: text)
            router.get(RouterPath(PortalFiles.address(of: name))) { _, _ -> Response in
                Response.bytes(content, type: type, headers: [.cacheControl: "public, max-age=31536000, immutable"])
            }
        }
    }

    /// Remembers light or dark.
    func addTheme(to router: Router<HoldfastContext>) {
        router.post("/theme") { request, context -> Response in
            let form = try await request.form(in: context)
            var response = Response.seeOther(Self.localPath(of: request.headers[.referer], origin: context.origin))
            let theme = try form.require("theme")
            guard theme == "light" || theme == "dark" else {
                throw Refusal.invalid("theme", "The theme is light or dark.", field: "theme")
            }
            HostCookie("theme").set(theme, on: &response, maxAge: .days(365))
            return response
        }
    }

    /// The path of an address of our own; the start page for every other.
    static func localPath(of address: String?, origin: String) -> String {
        guard let address, address.hasPrefix(origin + "/") else { return "/" }
        return checkedPath(String(address.dropFirst(origin.count))) ?? "/"
    }

    /// A path on this very host, or nil: never `//elsewhere`, a backslash or a control character, which browsers read as another host.
    static func checkedPath(_ path: String?) -> String? {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), path.utf8.count <= 17_000 else { return nil }
        guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E }) else {
            return nil
        }
        return path
    }

    /// Text as part of a query string.
    static func queryEncoded(_ text: some StringProtocol) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                encoded += hex.utf8.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return encoded
    }

    /// `?a=b&c=d` of what has a value; empty where nothing has.
    static func query(_ items: [(String, String?)]) -> String {
        let pairs = items.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : "\(queryEncoded(name))=\(queryEncoded($0))" }
        }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }
}
