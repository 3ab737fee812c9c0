import Foundation
import Vocabulary

/// What makes a password good enough: length and not being guessable, as NIST SP 800-63B-4 wants it.
///
/// Eight characters suffice because a second factor is mandatory. A tenant may ask for the classic rule on top.
package struct PasswordPolicy: Sendable, Hashable {
    /// In characters (Unicode scalars).
    package var shortest: Int
    package var longest = 256
    /// At least one lower-case letter, one upper-case letter, and one digit or other character.
    package var classic = false

    /// What a tenant may ask for as the least.
    package static let shortestRange = 8...64

    package init(classic: Bool = false, shortest: Int = 8) {
        self.classic = classic
        self.shortest = min(max(shortest, Self.shortestRange.lowerBound), Self.shortestRange.upperBound)
    }

    /// What is asked for, to be shown before anybody types.
    package var description: String {
        "At least \(shortest) characters; any characters, spaces too. Not a common password, and not your name or address."
            + (classic ? " With a lower-case letter, an upper-case letter, and a digit or another character." : "")
    }

    /// The one form in which a password is hashed: NFC, so that the same keys on another system give the same password.
    package static func normalise(_ password: Secret) -> Secret {
        Secret(password.spelledOut.precomposedStringWithCanonicalMapping)
    }

    /// Says no with a reason that helps.
    ///
    /// `context`: words that an attacker would try for this person: address, name, product, tenant.
    package func check(_ password: Secret, context: [String]) throws(Refusal) {
        let text = password.spelledOut.precomposedStringWithCanonicalMapping
        guard text.unicodeScalars.count >= shortest else {
            throw Self.refusal(
                "password-short", "This password is too short. Use at least \(shortest) characters; a few words make a good one.")
        }
        guard text.unicodeScalars.count <= longest, text.utf8.count <= longest * 4 else {
            throw Self.refusal("password-long", "This password is too long. Use at most \(longest) characters.")
        }
        guard !text.unicodeScalars.contains("\u{0}") else {
            throw Self.refusal("password-nul", "A password can't hold a NUL character.")
        }
        if classic { try checkClassic(text) }
        guard !CommonPasswords.holds(text) else {
            throw Self.refusal(
                "password-common",
                "This password, or one much like it, is among the first that attackers try. Choose another one; a few words make a good one."
            )
        }
        guard Set(text.unicodeScalars).count >= 4 else {
            throw Self.refusal("password-monotonous", "This password repeats too few different characters. Choose another one.")
        }
        let forms = GuessableForms(of: text)
        for word in Self.words(context) where forms.stand(for: word) {
            throw Self.refusal(
                "password-context", "This password is made from your name, your address or the name of this service. Choose another one.")
        }
    }

    /// The same, and that it is in no breach that this installation knows.
    func check(_ password: Secret, context: [String], breached: BreachedPasswords?) async throws {
        try check(password, context: context)
        guard let breached, try await breached.holds(Self.normalise(password)) else { return }
        throw Self.refusal(
            "password-breached",
            "This password is in a list of stolen ones that attackers use, wherever it was stolen. Choose another one; a few words make a good one."
        )
    }

    private func checkClassic(_ text: String) throws(Refusal) {
        let scalars = text.unicodeScalars
        guard scalars.contains(where: \.properties.isLowercase), scalars.contains(where: \.properties.isUppercase),
            scalars.contains(where: { !$0.properties.isAlphabetic })
        else {
            throw Self.refusal(
                "password-classic",
                "Your organisation asks for a lower-case letter, an upper-case letter, and a digit or another character.")
        }
    }

    /// Each context text whole and in parts: `jo.field@acme.example` gives the address, `jo.field`, `field`, `acme`, …
    private static func words(_ context: [String]) -> Set<String> {
        var words: Set<String> = []
        for text in context {
            let lower = text.lowercased()
            words.insert(lower)
            words.formUnion(lower.split(separator: "@").map(String.init))
            words.formUnion(lower.split { !$0.isLetter && !$0.isNumber }.map(String.init))
            words.insert(String(lower.filter { $0.isLetter || $0.isNumber }))
        }
        return words.filter { $0.count >= 4 }
    }

    private static func refusal(_ code: String, _ message: String) -> Refusal { .invalid(code, message, field: "password") }
}

/// The plain words behind a disguised password: `P4ssw0rd!2024` stands for `password`.
struct GuessableForms {
    /// Lower case, letters for look-alikes, without what is commonly put before or behind.
    let stems: Set<String>

    init(of password: String) {
        let lower = password.lowercased()
        let trimmed = Self.trim(lower)
        stems = [lower, trimmed, Self.unleet(lower), Self.unleet(trimmed), Self.trim(Self.unleet(lower))]
    }

    /// Whether the password is nothing but `word`, alone, repeated or decorated.
    func stand(for word: String) -> Bool {
        let plain = Self.unleet(word)
        return stems.contains { stem in
            guard stem.contains(word) || stem.contains(plain) else { return false }
            let rest = stem.replacingOccurrences(of: word, with: "").replacingOccurrences(of: plain, with: "")
            return rest.count < 4
        }
    }

    private static func trim(_ text: String) -> String {
        let head = text.drop { !$0.isLetter }
        guard let last = head.lastIndex(where: \.isLetter) else { return text }
        return String(head[...last])
    }

    private static let lookAlikes: [Character: Character] = [
        "0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "!": "i", "+": "t", "|": "l",
    ]

    private static func unleet(_ text: String) -> String { String(text.map { lookAlikes[$0] ?? $0 }) }
}
