import Testing
import Vocabulary

@Suite struct TextTests {
    @Test(arguments: ["Ann@Acme.example", " ann@acme.example ", "ANN@ACME.EXAMPLE", "ａnn@acme.example"])
    func `every spelling of an address is one identifier`(raw: String) {
        #expect(Text.identifier(raw) == "ann@acme.example")
    }

    @Test func `dots and tags are the owner's choice`() {
        #expect(Text.identifier("a.nn+shop@acme.example") == "a.nn+shop@acme.example")
    }

    @Test(arguments: [
        "", "@", "ann", "ann@", "@acme", "a b@acme.example", "ann@acme..example", "ann@-acme.example",
        "ann@acme.example\r\nBcc: eve@evil.example",
        "<ann@acme.example>", "ann@acme@example", "a\u{200B}nn@acme.example", "a\0nn@acme.example", "ann@acme.example,eve@evil.example",
        String(repeating: "a", count: 65) + "@acme.example", "ann@" + String(repeating: "a", count: 300),
    ])
    func `what is no address is refused`(raw: String) {
        #expect(Text.identifier(raw) == nil)
    }

    @Test(arguments: [
        ("acme", true), ("a1", true), ("1a", false), ("acme-", false), ("a--b", false), ("Acme", false), ("", false), ("akmé", false),
    ])
    func `a slug is fit for a host name`(text: String, fits: Bool) {
        #expect(Text.isSlug(text) == fits)
    }

    @Test func `names are trimmed, and control characters refused`() {
        #expect(Text.name("  Acme Ltd ") == "Acme Ltd")
        #expect(Text.name("a\u{202E}b") == nil)
        #expect(Text.name("a\nb") == nil)
        #expect(Text.name("   ") == nil)
        #expect(Text.name(String(repeating: "x", count: 121)) == nil)
    }
}

@Suite struct SecretTests {
    @Test func `a secret doesn't print`() {
        let secret = Secret("hunter2")
        #expect("\(secret)" == "•••")
        #expect(String(reflecting: secret) == "•••")
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect("\([secret])".contains("hunter2") == false)
    }

    @Test func `secrets compare by content`() {
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
        #expect(Secret("a") != Secret("ab"))
    }
}
