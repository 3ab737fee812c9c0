#if canImport(FoundationEssentials)
import FoundationEssentials
#endif
import Foundation

/// Text rules that no locale changes.
package enum Text {
    /// The one spelling of a sign-in identifier that is stored and compared: NFKC, lower case, without
    /// surrounding space. Two spellings that a person would call the same address become equal;
    /// dots and tags in an address stay, they are the owner's choice.
    ///
    /// Nil unless it looks like `local@domain`: 3–254 characters, one `@`, no control characters, spaces or `<>`.
    package static func identifier(_ raw: String) -> String? {
        guard raw.utf8.count <= 1024 else { return nil }
        let folded = raw.precomposedStringWithCompatibilityMapping.lowercased()
            .precomposedStringWithCompatibilityMapping.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (3...254).contains(folded.utf8.count), !folded.unicodeScalars.contains(where: isUnsafeInAddress) else { return nil }
        let parts = folded.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.count <= 64, isDomain(parts[1]) else { return nil }
        return folded
    }

    /// A label fit for a host name: 1–40 characters of `a–z 0–9 -`, starting with a letter, not ending with `-`, without `--`.
    /// Single hyphens inside are allowed only where `hyphens` says so.
    package static func isSlug(_ text: String, hyphens: Bool = true) -> Bool {
        guard (1...40).contains(text.utf8.count), let first = text.utf8.first, (97...122).contains(first) else { return false }
        var previous = first
        for byte in text.utf8 {
            switch byte {
            case 97...122, 48...57: break
            case 45 where hyphens && previous != 45: break
            default: return false
            }
            previous = byte
        }
        return previous != 45
    }

    /// A name that people read: trimmed, NFC, 1…`limit` characters, no control characters. Nil where it is none.
    package static func name(_ raw: String, limit: Int = 120) -> String? {
        guard raw.utf8.count <= limit * 16 else { return nil }
        let trimmed = raw.precomposedStringWithCanonicalMapping.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...limit).contains(trimmed.count), !trimmed.unicodeScalars.contains(where: isControl) else { return nil }
        return trimmed
    }

    private static func isDomain(_ text: Substring) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .lineSeparator, .paragraphSeparator: true
        // Bidirectional overrides can make a name read as another.
        case .format: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        default: false
        }
    }

    private static func isUnsafeInAddress(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar == "<" || scalar == ">" || scalar == "," || scalar == "\""
            || scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
    }
}
