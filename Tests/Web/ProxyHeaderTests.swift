import TestSupport
import Testing
import Vocabulary

@testable import Web

/// Headers as proxy-protocol.txt, section 2.2, gives them.
enum ProxyBytes {
    static func header(_ family: UInt8, _ rest: [UInt8]) -> [UInt8] { header(0x21, family, rest) }

    static func header(_ versionAndCommand: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        ProxyHeader.signature + [versionAndCommand, family, UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    static func inet(_ client: [UInt8], tlvs: [UInt8] = []) -> [UInt8] {
        header(0x11, client + [10, 0, 0, 1, 0x30, 0x39, 0x01, 0xBB] + tlvs)
    }

    static let inet6 = header(0x21, [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1] + [UInt8](repeating: 0, count: 20))
    static let unix = header(0x31, [UInt8](repeating: 0x2F, count: 216))
    static let unspecified = header(0x00, [])
    static let local = ProxyHeader.localHeader
    /// A TLV of type NETNS (0x30) and a CRC32c (0x03).
    static let tlvs: [UInt8] = [0x30, 0, 3, 1, 2, 3, 0x03, 0, 4, 1, 2, 3, 4]
}

@Suite struct ProxyHeaderTests {
    private static let whole: [(bytes: [UInt8], header: ProxyHeader)] = [
        (ProxyBytes.inet([203, 0, 113, 5]), .client(NetworkAddress("203.0.113.5"))),
        (ProxyBytes.inet([203, 0, 113, 5], tlvs: ProxyBytes.tlvs), .client(NetworkAddress("203.0.113.5"))),
        (ProxyBytes.inet6, .client(NetworkAddress("2001:db8::1"))),
        (ProxyBytes.unix, .client(nil)),
        (ProxyBytes.unspecified, .client(nil)),
        (ProxyBytes.header(0x00, ProxyBytes.tlvs), .client(nil)),
        (ProxyBytes.local, .local),
        // What LOCAL says of addresses is to be passed over, whatever it is.
        (ProxyBytes.header(0x20, 0x11, [1, 2, 3]), .local),
    ]

    @Test(arguments: whole.indices) func `a header is read, and not a byte more`(index: Int) throws {
        let (bytes, header) = Self.whole[index]
        for rest in [[], [0x16, 3, 1], ProxyHeader.signature] as [[UInt8]] {
            #expect(try ProxyHeader.read(bytes + rest) == .whole(header, length: bytes.count))
        }
    }

    @Test(arguments: whole.indices) func `a header cut anywhere is waited for`(index: Int) throws {
        let bytes = Self.whole[index].bytes
        for end in 0..<bytes.count { #expect(try ProxyHeader.read(bytes.prefix(end)) == .partial, "after \(end) bytes") }
    }

    @Test func `a client's address is the client's, in the same form as a socket's`() throws {
        guard case .whole(.client(let four?), _) = try ProxyHeader.read(ProxyBytes.inet([203, 0, 113, 5])),
            case .whole(.client(let six?), _) = try ProxyHeader.read(ProxyBytes.inet6)
        else { throw NoClient() }
        #expect(four.text == "203.0.113.5" && six.text == "2001:db8::1")
        for text in [
            "0.0.0.0", "255.255.255.255", "::", "::1", "fe80::1", "2001:db8:1:2:3:4:5:6",
        ] { #expect(NetworkAddress(text)?.text == text) }
        #expect(NetworkAddress("::ffff:10.0.0.1")?.text == "10.0.0.1")
    }

    struct NoClient: Error {}

    @Test func `what is wrong is said with the first byte that shows it`() {
        func fault(_ bytes: [UInt8]) -> ProxyHeader.Fault? {
            do throws(ProxyHeader.Fault) {
                _ = try ProxyHeader.read(bytes)
                return nil
            } catch { return error }
        }
        #expect(fault([0x16]) == .missing)
        #expect(fault(Array("GET / HTTP/1.1".utf8)) == .missing)
        for end in 1...6 { #expect(fault(Array("PROXY TCP4 203.0.113.5 10.0.0.1 1 2\r\n".utf8.prefix(end))) == .text) }
        #expect(fault(Array("PROXY TCP4 203.0.113.5 10.0.0.1 56324 443\r\n".utf8)) == .text)
        #expect(fault(Array("PROXY UNKNOWN\r\n".utf8)) == .text)
        for place in ProxyHeader.signature.indices {
            var bytes = ProxyBytes.inet([203, 0, 113, 5])
            bytes[place] ^= 0x40
            #expect(fault(Array(bytes.prefix(place + 1))) == .missing, "byte \(place)")
        }
        let addresses = [UInt8](repeating: 0, count: 12)
        for version: UInt8 in [0x01, 0x11, 0x31, 0xF1] { #expect(fault(ProxyBytes.header(version, 0x11, addresses)) == .version) }
        for command: UInt8 in [0x22, 0x2F] { #expect(fault(ProxyBytes.header(command, 0x11, addresses)) == .command) }
        // Datagrams, unheard-of families and half a family.
        for family: UInt8 in [0x12, 0x22, 0x32, 0x10, 0x01, 0x41, 0xFF] {
            #expect(fault(ProxyBytes.header(family, [UInt8](repeating: 0, count: 216))) == .family)
        }
        for (family, length) in [(0x11, 11), (0x21, 35), (0x31, 215), (0x11, 0)] {
            #expect(fault(ProxyBytes.header(UInt8(family), [UInt8](repeating: 0, count: length))) == .length)
        }
        #expect(fault(Array(ProxyBytes.header(0x11, [UInt8](repeating: 0, count: 2033)).prefix(16))) == .length)
        #expect(fault(Array(ProxyBytes.header(0x11, [UInt8](repeating: 0, count: 65_535)).prefix(16))) == .length)
    }

    @Test func `nothing that comes over the wire ends the process`() {
        let entropy = SeededEntropy(seed: 6)
        for round in 0..<20_000 {
            var bytes = round % 2 == 0 ? ProxyBytes.inet([203, 0, 113, 5], tlvs: ProxyBytes.tlvs) : ProxyBytes.inet6
            let words = entropy.words()
            bytes[Int(words.0 % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: words.1)
            let cut = bytes.prefix(Int(words.1 >> 8 % UInt64(bytes.count + 1)) % (bytes.count + 1))
            if case .whole(_, let length) = try? ProxyHeader.read(cut) { #expect(length <= cut.count) }
        }
    }
}
