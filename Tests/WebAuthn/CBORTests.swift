import Testing
import WebAuthn

@Suite("CBOR, as authenticators write it")
struct CBORTests {
    private func read(_ hex: String) throws -> CBORValue { try CBORReader.read(try #require(Hexadecimal.decode(hex))) }

    /// RFC 8949 appendix A, as far as it is canonical CTAP2.
    @Test(
        arguments: [
            ("00", .unsigned(0)), ("17", .unsigned(23)), ("1818", .unsigned(24)), ("1903e8", .unsigned(1000)),
            ("1bffffffffffffffff", .unsigned(.max)), ("20", .negative(0)), ("3903e7", .negative(999)), ("f4", .bool(false)),
            ("f5", .bool(true)),
            ("f6", .null), ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])), ("60", .text("")), ("62c3bc", .text("ü")),
            ("83010203", .array([.unsigned(1), .unsigned(2), .unsigned(3)])), ("a0", .map([])),
            (
                "a201020304",
                .map([.init(key: .unsigned(1), value: .unsigned(2)), .init(key: .unsigned(3), value: .unsigned(4))])
            ),
        ] as [(String, CBORValue)])
    func `the appendix's examples are read`(hex: String, expected: CBORValue) throws {
        #expect(try read(hex) == expected)
    }

    @Test(
        arguments: [
            ("", .truncated), ("18", .truncated), ("4403", .truncated), ("5bffffffffffffffff00", .truncated), ("a101", .truncated),
            ("83", .truncated),
            ("0000", .trailingBytes), ("1817", .notCanonical), ("190018", .notCanonical), ("1a00000100", .notCanonical),
            ("1b0000000000000001", .notCanonical), ("5801ff", .notCanonical),
            // Keys twice, keys out of order: by length, then by bytes; numbers before text.
            ("a201010102", .notCanonical), ("a203040102", .notCanonical), ("a2616201616102", .notCanonical),
            ("a26261610161620a", .notCanonical),
            ("a2616101010a", .notCanonical),
            // Indefinite lengths, tags, floats, undefined, simple values, a map as a key.
            ("5f42010243030405ff", .unsupported), ("9fff", .unsupported), ("bfff", .unsupported), ("c11a514b67b0", .unsupported),
            ("f93c00", .unsupported), ("fb3ff199999999999a", .unsupported), ("f7", .unsupported), ("f0", .unsupported),
            ("f8ff", .unsupported),
            ("1c", .unsupported), ("ff", .unsupported), ("a1a000", .unsupported), ("a14100", .unsupported),
            ("61ff", .notUTF8), ("62c328", .notUTF8), ("8181818100", nil), ("818181818100", .tooDeep), ("a101a101a101a101a0", .tooDeep),
            ("9b00000000ffffffff", .notCanonical), ("9a00010000", .tooMany), ("ba00010000", .tooMany),
        ] as [(String, CBORReader.Failure?)])
    func `what is not canonical is refused`(hex: String, expected: CBORReader.Failure?) throws {
        if let expected { #expect(throws: expected) { try read(hex) } } else { _ = try read(hex) }
    }

    @Test func `a list of more items than any authenticator sends is refused before it is built`() {
        let lists = [UInt8](repeating: 0x84, count: 1) + (0..<4).flatMap { _ in [UInt8(0x98), 200] + [UInt8](repeating: 0, count: 200) }
        #expect(throws: CBORReader.Failure.tooMany) { try CBORReader.read(lists) }
    }

    @Test func `any bytes are read or refused`() {
        var state: UInt64 = 20_261_121
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            for _ in 0..<Int(state >> 59) + 1 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(truncatingIfNeeded: state >> 33))
            }
            _ = try? CBORReader.read(bytes)
        }
    }
}
