import Vocabulary

/// The parameters of an OAuth request, in order, decoded. Never include one twice (RFC 6749 section 3.1): where two readers could
/// see two requests, neither is right.
package struct OAuthParameters: Sendable, Hashable {
    private let values: [String: String]
    package let hasDuplicates: Bool

    package init(_ pairs: [(name: String, value: String)]) {
        var values: [String: String] = [:]
        var hasDuplicates = false
        for (name, value) in pairs {
            if values.updateValue(value, forKey: name) != nil { hasDuplicates = true }
        }
        self.values = values
        self.hasDuplicates = hasDuplicates
    }

    /// Nil where it is absent or empty (RFC 6749 section 3.1).
    package subscript(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// For keeping a request while the person signs in.
    var json: JSONValue { .object(values.mapValues { .string($0) }) }

    init?(json: JSONValue) {
        guard let members = json.object else { return nil }
        self.init(members.compactMap { name, value in value.string.map { (name, $0) } })
    }
}

enum URLText {
    /// `address` with parameters added to its query, percent-encoded.
    static func adding(_ parameters: [(String, String)], to address: String) -> String {
        guard !parameters.isEmpty else { return address }
        let query = parameters.map { "\(escape($0.0))=\(escape($0.1))" }.joined(separator: "&")
        return address + (address.contains("?") ? "&" : "?") + query
    }

    static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                escaped.append(byte)
            default:
                escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
