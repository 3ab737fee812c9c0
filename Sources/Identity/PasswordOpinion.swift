import Vocabulary

/// What is said of a password while somebody types it. Advice only: what counts is the policy's check when it is sent.
package struct PasswordOpinion: Sendable, Hashable {
    package enum Verdict: Int, Sendable, Hashable {
        case refused
        case fair
        case good
        case strong
    }

    package let verdict: Verdict
    /// A sentence.
    package let text: String

    private init(_ verdict: Verdict, _ text: String) { (self.verdict, self.text) = (verdict, text) }

    /// - Parameter context: words that an attacker would try for this person, as in ``PasswordPolicy/check(_:context:)``.
    package static func of(
        _ password: Secret, _ policy: PasswordPolicy, context: [String], breached: BreachedPasswords?
    ) async throws -> PasswordOpinion {
        let text = PasswordPolicy.normalise(password).spelledOut
        let missing = policy.shortest - text.unicodeScalars.count
        guard missing <= 0 else { return PasswordOpinion(.refused, "\(missing) more character\(missing == 1 ? "" : "s"), at least.") }
        do {
            try await policy.check(password, context: context, breached: breached)
        } catch let refusal as Refusal where refusal.kind == .invalid {
            return PasswordOpinion(.refused, refusal.message)
        }
        return judge(text)
    }

    /// How long it takes to guess grows with each character and with how many kinds there are; nothing else is worth a word.
    private static func judge(_ text: String) -> PasswordOpinion {
        let scalars = text.unicodeScalars
        let kinds = [
            scalars.contains { $0.properties.isLowercase }, scalars.contains { $0.properties.isUppercase },
            scalars.contains { $0.properties.numericType != nil },
            scalars.contains { !$0.properties.isAlphabetic && $0.properties.numericType == nil },
        ].count { $0 }
        let weight = Set(scalars).count + scalars.count + 2 * kinds
        return switch weight {
        case ..<24: PasswordOpinion(.fair, "Fair. Another word or two would make it better.")
        case ..<32: PasswordOpinion(.good, "Good.")
        default: PasswordOpinion(.strong, "Strong.")
        }
    }
}
