/// A CBOR data item (RFC 8949) of the few kinds that authenticators send.
package enum CBORValue: Sendable, Hashable {
    case unsigned(UInt64)
    /// −1 − n.
    case negative(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBORValue])
    /// In the order of CTAP2, each key once.
    case map([Entry])
    case bool(Bool)
    case null

    package struct Entry: Sendable, Hashable {
        package let key: CBORValue
        package let value: CBORValue

        package init(key: CBORValue, value: CBORValue) {
            self.key = key
            self.value = value
        }
    }

    package var bytes: [UInt8]? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }

    package var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    package var map: [Entry]? {
        if case .map(let entries) = self { entries } else { nil }
    }

    /// The number where it fits 64 bits with a sign.
    package var integer: Int64? {
        switch self {
        case .unsigned(let value): Int64(exactly: value)
        case .negative(let value): Int64(exactly: value).map { -1 - $0 }
        default: nil
        }
    }

    /// A member of a map with names as keys.
    package subscript(_ name: String) -> CBORValue? { map?.first { $0.key == .text(name) }?.value }

    /// A member of a map with numbers as keys.
    package subscript(_ label: Int64) -> CBORValue? { map?.first { $0.key.integer == label }?.value }
}
