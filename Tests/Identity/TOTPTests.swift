import Identity
import Testing
import Vocabulary

@Suite("Time-based one-time passwords")
struct TOTPTests {
    private let secret = Secret("12345678901234567890")

    // RFC 6238 appendix B, the last six of the eight digits.
    @Test(arguments: [
        (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ])
    func `codes are those of the standard`(_ seconds: Int64, _ code: String) {
        #expect(TOTP.code(secret: secret, step: TOTP.step(at: Instant(seconds: seconds))) == code)
    }

    @Test func `a code is right one step early and late, and no further`() {
        let code = TOTP.code(secret: secret, step: 100)
        for (step, isRight) in [(98, false), (99, true), (100, true), (101, true), (102, false)] {
            #expect((TOTP.step(matching: code, secret: secret, at: Instant(seconds: Int64(step) * 30)) == 100) == isRight)
        }
    }

    @Test(arguments: ["", "12345", "1234567", "12345a", "１２３４５６", "-12345", "000000 000000"])
    func `text that is no code matches nothing`(_ text: String) {
        #expect(TOTP.step(matching: text, secret: secret, at: Instant(seconds: 59)) == nil)
    }

    @Test func `spaces in a code are forgiven`() {
        #expect(TOTP.step(matching: "287 082", secret: secret, at: Instant(seconds: 59)) == 1)
    }

    @Test func `the address for authenticators carries issuer and account, escaped`() {
        #expect(
            TOTP.uri(secret: secret, account: "a+b@acme.example", issuer: "Hold fast")
                == "otpauth://totp/Hold%20fast:a%2Bb%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Hold%20fast&algorithm=SHA1&digits=6&period=30"
        )
    }

    @Test func `the picture is a square of modules with a quiet zone`() throws {
        let svg = try #require(QRCode.svg(of: "otpauth://totp/x?secret=A"))
        #expect(svg.hasPrefix("<svg ") && svg.contains("viewBox=\"0 0 ") && svg.contains("M4 4h7v1h-7z"))
        #expect(QRCode.svg(of: String(repeating: "x", count: 5000)) == nil)
    }
}
