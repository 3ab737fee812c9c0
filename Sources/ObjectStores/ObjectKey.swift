/// The name of an object: segments between slashes, the same in a directory and in S3.
///
/// Letters and digits of ASCII, `-`, `_` and `.`; no segment is empty or begins with a dot, so none leads elsewhere, none
/// is hidden, and none needs escaping in an address. No key may lie "below" another: a directory can't hold both `a` and `a/b`.
package struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// In bytes. S3 takes 1,024 with the prefix of the place.
    package static let longest = 700
    package static let longestSegment = 200

    package let description: String

    /// Nil where `text` is no such name.
    package init?(_ text: String) {
        guard (1...Self.longest).contains(text.utf8.count) else { return nil }
        for segment in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard (1...Self.longestSegment).contains(segment.count), segment.first != UInt8(ascii: ".") else { return nil }
            guard segment.allSatisfy(Self.isSafe) else { return nil }
        }
        description = text
    }

    init(unchecked text: String) { description = text }

    /// Nil where the two together are too long.
    package func appending(_ other: ObjectKey) -> ObjectKey? {
        let text = "\(description)/\(other.description)"
        return text.utf8.count <= Self.longest ? ObjectKey(unchecked: text) : nil
    }

    var segments: [String] { description.split(separator: "/").map(String.init) }

    /// By bytes, as S3 lists.
    package static func < (left: Self, right: Self) -> Bool { left.description.utf8.lexicographicallyPrecedes(right.description.utf8) }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
