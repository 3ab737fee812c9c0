import Identity
import Storage
import Vocabulary

extension Control {
    static let passwordPolicy = automated(
        "ID-3", "A password rule that follows today's advice", "BY",
        "Passwords need length and must not be ones that attackers try first; a customer may ask for the classic mix of characters on top.",
        PasswordRule())
}

/// Offers the live rule passwords that it must refuse and ones that it must take, for the default and for each customer's own rule.
package struct PasswordRule: Probe {
    private let policy: @Sendable (_ classic: Bool) -> PasswordPolicy

    /// `policy` gives the rule in force, and the one for customers who ask for the classic rule.
    package init(policy: @escaping @Sendable (_ classic: Bool) -> PasswordPolicy = { PasswordPolicy(classic: $0) }) {
        self.policy = policy
    }

    static let common = [
        "password", "password1", "P@ssw0rd", "12345678", "123456789", "qwertyuiop", "iloveyou", "sunshine", "princess1", "letmein123",
    ]
    static let context = ["jo.field@acme.example", "Jo Field", "Holdfast"]

    package func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        for classic in [false, true] {
            let policy = policy(classic)
            let kind = classic ? "the classic rule" : "the rule"
            findings.expect(policy.shortest >= 8, "\(kind) allows fewer than 8 characters")
            findings.expect(policy.longest >= 64, "\(kind) refuses passwords of 64 characters")
            let taken = Self.common.count { refused($0, policy) == nil }
            findings.expect(taken == 0, "\(kind) takes \(taken) of \(Self.common.count) common passwords")
            findings.expect(refused("zK4!vq", policy) != nil, "\(kind) takes a password of 6 characters")
            findings.expect(refused("jo.field2026", policy) != nil, "\(kind) takes the person's own address")
            findings.expect(refused("Five Wandering Kettles 9", policy) == nil, "\(kind) refuses a good passphrase")
            findings.expect(refused("Größe 7 überall Äpfel", policy) == nil, "\(kind) refuses letters from elsewhere")
        }
        findings.expect(refused("five wandering kettles", policy(false)) == nil, "the rule asks for kinds of characters by itself")
        findings.expect(refused("five wandering kettles", policy(true)) != nil, "the classic rule does not ask for kinds of characters")
        let stricter = try await platform.control.read {
            try $0.value("SELECT count(*) FROM password_rule WHERE classic = 1", as: Int.self) ?? 0
        }
        findings.count("common_passwords_tried", Self.common.count)
        findings.count("customers_with_classic_rule", stricter)
        return findings.evidence("Short, common and personal passwords are refused; long ones of any characters are taken.")
    }

    private func refused(_ password: String, _ policy: PasswordPolicy) -> Refusal? {
        do throws(Refusal) {
            try policy.check(Secret(password), context: Self.context)
            return nil
        } catch {
            return error
        }
    }
}
