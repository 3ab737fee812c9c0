#if canImport(Glibc)
import Glibc
#endif

/// An IP address, IPv4 as the IPv6 address it maps to, so that `::ffff:10.0.0.1` and `10.0.0.1` are one.
package struct NetworkAddress: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    package init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes[10] = 0xFF
            bytes[11] = 0xFF
            withUnsafeBytes(of: four.s_addr) { for (index, byte) in $0.enumerated() { bytes[12 + index] = byte } }
        } else {
            let plain = text.split(separator: "%", maxSplits: 1).first.map(String.init) ?? text
            guard bytes.withUnsafeMutableBytes({ inet_pton(AF_INET6, plain, $0.baseAddress) }) == 1 else { return nil }
        }
        high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Four bytes of IPv4 or sixteen of IPv6, in the order of the network.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        let all = (bytes.count == 4 ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] : []) + Array(bytes)
        high = all[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = all[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }

    init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// As the C library writes it: `192.0.2.1`, `2001:db8::1`.
    package var text: String {
        var bytes = (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * $0)) }
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: low >> (56 - 8 * $0)) }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let start = isIPv4 ? 12 : 0
        bytes[start...].withUnsafeBytes { _ = inet_ntop(isIPv4 ? AF_INET : AF_INET6, $0.baseAddress, &buffer, socklen_t(INET6_ADDRSTRLEN)) }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Of IPv4 its 32 bits; nil for others.
    package var ipv4: UInt32? { isIPv4 ? UInt32(truncatingIfNeeded: low) : nil }
    /// The upper 64 bits: of IPv6 all that tells of a place.
    package var upper: UInt64 { high }

    package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// What one subscriber has: the address itself, or its /64 for IPv6.
    package var subscriber: NetworkAddress { isIPv4 ? self : NetworkAddress(high: high, low: 0) }

    package var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }
}
