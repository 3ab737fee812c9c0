import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import Mail

struct CompositionTests {
    private func composed(_ subject: String = "Hello", _ text: String = "Hi\n", name: String? = "Holdfast") throws -> [UInt8] {
        let message = try Message(to: "ada@example.com", subject: subject, text: text)
        return Composition.bytes(
            Posting(message, messageID: "1@example.org", at: Instant(seconds: 1_800_000_000)),
            from: try Sender("noreply@example.org", name: name))
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `a plain message reads as it should`() throws {
        #expect(
            try text(composed("Hello", "Hi,\nhere you are.\n")) == """
                Date: Fri, 15 Jan 2027 08:00:00 +0000\r
                From: "Holdfast" <noreply@example.org>\r
                To: <ada@example.com>\r
                Subject: Hello\r
                Message-ID: <1@example.org>\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                Auto-Submitted: auto-generated\r
                \r
                Hi,\r
                here you are.\r

                """)
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 +0000"),
        (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 +0000"),
    ])
    func `dates follow RFC 5322`(seconds: Int64, expected: String) {
        #expect(Composition.date(Instant(seconds: seconds)) == expected)
    }

    @Test(arguments: [
        "Einladung für Zoë", "日本語の件名はとても長いので折り返す必要がありますそして続く", "=?utf-8?B?eA==?=",
        String(repeating: "long words ", count: 15).trimmingCharacters(in: .whitespaces), "🐢",
    ])
    func `a subject survives encoding, in lines of 76 characters`(subject: String) throws {
        let header = try text(composed(subject)).components(separatedBy: "\r\nMessage-ID")[0].components(separatedBy: "\r\nSubject: ")[1]
        let words = header.components(separatedBy: "\r\n ")
        for (index, word) in words.enumerated() {
            #expect(word.utf8.count + (index == 0 ? 9 : 1) <= 85 && word.utf8.count <= 75)
            #expect(word.hasPrefix("=?utf-8?B?") && word.hasSuffix("?="))
        }
        let decoded = try words.map { word in
            // Each word decodes by itself: no character is cut in two.
            let bytes = try #require(Data(base64Encoded: String(word.dropFirst(10).dropLast(2))))
            return try #require(String(validating: bytes, as: UTF8.self))
        }
        #expect(decoded.joined() == subject)
    }

    @Test(arguments: [
        "plain\n", "", "no end", "ümläut = 100 %\n", "trailing space \ntab\t\n", String(repeating: "x", count: 500) + "\n", ".\n..\n.dot\n",
        "a\r\nb\r\n", "a\rb\n",
        String(repeating: "é", count: 100), "https://holdfast.example/i?token=" + String(repeating: "Ab=", count: 40), "\u{1}\u{7F}\n",
        String(repeating: "a", count: 75) + ".b\n",
    ])
    func `a body survives quoted-printable, in ASCII lines of 76 characters without a leading dot`(body: String) throws {
        let encoded = Composition.quotedPrintable(body)
        #expect(encoded.allSatisfy { $0 < 0x7F && ($0 >= 0x20 || $0 == 10 || $0 == 13 || $0 == 9) })
        for line in text(encoded).components(separatedBy: "\r\n") {
            #expect(
                line.utf8.count <= 76 && !line.hasPrefix(".") && !line.hasSuffix(" ") && !line.hasSuffix("\t") && !line.contains("\n")
                    && !line.contains("\r"))
        }
        var decoded: [UInt8] = []
        let lines = text(encoded).components(separatedBy: "\r\n")
        for (index, line) in lines.enumerated() {
            let isSoft = line.hasSuffix("=")
            let bytes = Array((isSoft ? String(line.dropLast()) : line).utf8)
            var position = 0
            while position < bytes.count {
                if bytes[position] == UInt8(ascii: "=") {
                    decoded.append(try #require(UInt8(text(Array(bytes[(position + 1)...(position + 2)])), radix: 16)))
                    position += 3
                } else {
                    decoded.append(bytes[position])
                    position += 1
                }
            }
            if !isSoft, index < lines.count - 1 { decoded.append(10) }
        }
        let expected = body.replacingOccurrences(of: "\r\n", with: "\n")
        #expect(text(decoded) == (expected.isEmpty || expected.hasSuffix("\n") ? expected : expected + "\n"))
    }

    @Test(arguments: [
        "", "ada", "@example.com", "ada@", "ada@example.com\r\nRCPT TO:<eve@example.com>", "ada@example.com\n", "ada@example.com\r",
        "<ada@example.com>", "ada@example.com>", "ada@exam ple.com",
        "ada@example.com,eve@example.com", "ada@example.com;eve@example.com", "ada@@example.com", "a\u{0}da@example.com",
        "\"ada\"@example.com", "ada@example.com (x)", "ada\u{202E}@example.com",
        "ada@-example.com", "ada@example..com", "-oX@example.com", "ada\\@example.com", "ada:eve@example.com", "ada@[127.0.0.1]",
        String(repeating: "a", count: 65) + "@example.com",
        "ada@" + String(repeating: "a.", count: 200) + "com", "ada\u{2028}@example.com", "ada@exam\u{7F}ple.com", "ada%0d%0a@example.com\t",
    ])
    func `an address with anything else in it is refused`(address: String) {
        #expect(throws: Refusal.self) { try MailAddress(address) }
        #expect(throws: Refusal.self) { try Message(to: address, subject: "x", text: "x") }
    }

    @Test(arguments: ["ada@example.com", "Ada.Lovelace+tag@Example.com", "o'neil@example.co.uk", "zoë@example.com", "a@b"])
    func `an ordinary address is kept as typed`(address: String) throws {
        #expect(try MailAddress(address).description == address)
    }

    @Test(arguments: ["", "   ", "a\nb", "a\r\nBcc: eve@example.com", "a\u{0}b", String(repeating: "x", count: 201), "a\u{202E}b"])
    func `a subject of other than one line is refused`(subject: String) {
        #expect(throws: Refusal.self) { try Message(to: "ada@example.com", subject: subject, text: "x") }
    }

    @Test func `a huge text or one with NUL is refused, and a sender's name can't bring a header`() {
        #expect(throws: Refusal.self) { try Message(to: "ada@example.com", subject: "x", text: String(repeating: "x", count: 300_000)) }
        #expect(throws: Refusal.self) { try Message(to: "ada@example.com", subject: "x", text: "a\u{0}") }
        #expect(throws: Refusal.self) { try Sender("a@b.c", name: "x\r\nBcc: eve@example.com") }
    }

    @Test func `a sender's name with quotes or umlauts is encoded`() throws {
        for name in ["Zoë & Söhne", "a\"b", "x <y@z>"] {
            let header = try Sender("a@b.c", name: name).header
            #expect(header.hasPrefix("=?utf-8?B?") && header.hasSuffix("?= <a@b.c>"))
        }
    }
}
