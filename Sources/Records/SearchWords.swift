import Foundation

/// Words as FTS5's `unicode61 remove_diacritics 2` knows them: letters and digits, in small letters and without accents.
enum SearchWords {
    /// PostgreSQL takes words of less than 2 KiB, and less than 1 MiB of them for one record.
    private static let wordLimit = 500
    private static let bytesLimit = 1_000_000

    /// The words of `text` in their order, without those that come again.
    static func folded(_ text: String) -> [String] {
        let isPlain = text.utf8.allSatisfy { $0 < 0x80 }
        let plain = (isPlain ? text : text.decomposedStringWithCanonicalMapping).lowercased()
        var words: [String] = []
        var known: Set<String> = []
        var bytes = 0
        var word = String.UnicodeScalarView()
        func end() {
            guard !word.isEmpty else { return }
            let text = String(word.prefix(wordLimit))
            word.removeAll(keepingCapacity: true)
            guard bytes + text.utf8.count <= bytesLimit, known.insert(text).inserted else { return }
            bytes += text.utf8.count
            words.append(text)
        }
        for scalar in plain.unicodeScalars {
            if accents.contains(scalar.value) { continue }
            if hold(scalar) { word.append(scalar) } else { end() }
        }
        end()
        return words
    }

    /// Letters, digits and the accents that go with them.
    static func hold(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber,
            .otherNumber:
            true
        default: accents.contains(scalar.value)
        }
    }

    private static let accents: ClosedRange<UInt32> = 0x300...0x36F
}
