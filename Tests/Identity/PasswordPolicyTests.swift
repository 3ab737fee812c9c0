import Identity
import Testing
import Vocabulary

@Suite("Password policy")
struct PasswordPolicyTests {
    private func problem(_ password: String, classic: Bool = false, context: [String] = []) -> String? {
        do {
            try PasswordPolicy(classic: classic).check(Secret(password), context: context)
            return nil
        } catch { return error.code }
    }

    @Test(arguments: [
        "four small herons wade", "пароль для корабля", "correct🐎battery🔋", "Tr0ub4dor&3xyzzy-plugh", String(repeating: "ab1!x", count: 51),
    ])
    func `a long or unusual password is taken`(_ password: String) {
        #expect(problem(password) == nil)
    }

    @Test(arguments: [
        ("seven77", "password-short"), ("", "password-short"), ("🐎🐎🐎", "password-short"),
        (String(repeating: "xyz!", count: 65), "password-long"),
        ("password", "password-common"), ("Password1!", "password-common"), ("P4ssw0rd!2024", "password-common"),
        ("qwertyuiop", "password-common"), ("iloveyou123", "password-common"), ("dragondragon", "password-common"),
        ("aaaaaaaaaaaa", "password-common"), ("12345678", "password-common"), ("sunshine2026", "password-common"),
        ("abababab\u{0}", "password-nul"),
    ])
    func `a guessable password is refused with its reason`(_ password: String, _ code: String) {
        #expect(problem(password) == code)
    }

    @Test(arguments: ["robin.field", "RobinField1!", "acme-2026", "h0ldf4st!!", "fieldfield"])
    func `a password made from what everybody knows about its owner is refused`(_ password: String) {
        #expect(problem(password, context: ["robin.field@acme.example", "Robin Field", "Holdfast", "Acme"]) == "password-context")
    }

    @Test func `a password that only mentions a context word among much else is taken`() {
        #expect(problem("my acme badge is turquoise", context: ["Acme"]) == nil)
    }

    @Test(arguments: [("four small herons wade", false), ("Four small herons wade", true), ("fourSmall7", true), ("FOUR SMALL 7", false)])
    func `the classic rule asks for three kinds of characters`(_ password: String, _ isFit: Bool) {
        #expect((problem(password, classic: true) == nil) == isFit)
    }

    @Test func `two spellings of one password are the same password`() {
        #expect(PasswordPolicy.normalise(Secret("cafe\u{301} au lait")) == PasswordPolicy.normalise(Secret("caf\u{e9} au lait")))
    }
}
