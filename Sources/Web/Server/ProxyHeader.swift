import Vocabulary

/// What a proxy says of a connection before its first byte: PROXY protocol, version 2 (haproxy.org, proxy-protocol.txt, section 2.2).
///
/// A value with a parser and no opinion: whether the sender may say so is the connection guard's business.
package enum ProxyHeader: Sendable, Equatable {
    /// The proxy speaks for itself, such as when it asks for the server's health.
    case local
    /// The proxy speaks for a client. Nil where the client has no address of the internet (a Unix socket, or unknown).
    case client(NetworkAddress?)

    /// Why bytes are no such header.
    package enum Fault: String, Error, Sendable {
        /// Something else came, such as TLS without a header.
        case missing
        /// Version 1, the one in text, is not spoken here.
        case text
        case version
        case command
        case family
        case length
    }

    package enum Reading: Sendable, Equatable {
        /// The header and how many bytes it took; the connection's own bytes follow.
        case whole(ProxyHeader, length: Int)
        /// So far it is one; the rest is still to come.
        case partial
    }

    package static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let fixedPart = 16
    /// Addresses take 36 bytes at most; the rest is for TLVs, which are passed over. The protocol would allow 64 KiB.
    package static let longest = 2048

    /// Reads the first bytes of a connection.
    package static func read(_ bytes: some RandomAccessCollection<UInt8>) throws(Fault) -> Reading {
        let head = Array(bytes.prefix(fixedPart))
        guard head.prefix(signature.count).elementsEqual(signature.prefix(head.count)) else {
            throw isText(head) ? .text : .missing
        }
        guard head.count == fixedPart else { return .partial }
        guard head[12] >> 4 == 2 else { throw .version }
        let length = fixedPart + Int(head[14]) << 8 + Int(head[15])
        guard length <= longest else { throw .length }
        let command = head[12] & 0x0F
        guard command <= 1 else { throw .command }
        // Said before the rest is waited for: a header that can't be right needs no more bytes.
        let addressLength = try addressLength(head[13])
        guard command == 0 || length >= fixedPart + addressLength else { throw .length }
        guard bytes.count >= length else { return .partial }
        guard command == 1 else { return .whole(.local, length: length) }
        let addresses = Array(bytes.dropFirst(fixedPart).prefix(addressLength))
        switch head[13] >> 4 {
        case 1: return .whole(.client(NetworkAddress(bytes: addresses.prefix(4))), length: length)
        case 2: return .whole(.client(NetworkAddress(bytes: addresses.prefix(16))), length: length)
        default: return .whole(.client(nil), length: length)
        }
    }

    /// Of both addresses and ports. Family in the upper half, transport in the lower: stream or none, since this is a stream.
    private static func addressLength(_ byte: UInt8) throws(Fault) -> Int {
        switch byte {
        case 0x00: 0
        case 0x11: 12
        case 0x21: 36
        case 0x31: 216
        default: throw .family
        }
    }

    /// `PROXY TCP4 …`, as far as it came.
    private static func isText(_ head: [UInt8]) -> Bool {
        let word = Array("PROXY ".utf8)
        return !head.isEmpty && head.prefix(word.count).elementsEqual(word.prefix(head.count))
    }

    /// The header that a proxy, or a probe of our own, sends for itself.
    package static let localHeader: [UInt8] = signature + [0x20, 0x00, 0x00, 0x00]
}
