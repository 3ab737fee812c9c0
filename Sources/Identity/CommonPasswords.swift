/// What attackers try first. See `CommonPasswordList.swift` for where the words come from.
enum CommonPasswords {
    private static let words: Set<Substring> = Set(commonPasswordList.description.split(whereSeparator: \.isWhitespace))

    /// Whether a password is one of them, also in disguise: with capitals, look-alike digits, or digits and marks around it.
    static func holds(_ password: String) -> Bool {
        GuessableForms(of: password).stems.contains { stem in
            words.contains(stem[...]) || isRepetition(stem)
        }
    }

    /// `dragondragon`, `abcabcabc`.
    private static func isRepetition(_ stem: String) -> Bool {
        let characters = Array(stem)
        for length in 1...max(1, characters.count / 2) where characters.count % length == 0 && length < characters.count {
            let unit = characters[..<length]
            let repeats = stride(from: 0, to: characters.count, by: length).allSatisfy { characters[$0..<$0 + length].elementsEqual(unit) }
            if repeats, length < 4 || words.contains(Substring(String(unit))) { return true }
        }
        return false
    }
}
