/// A block of addresses in CIDR notation: `10.0.0.0/8`, `fd00::/8`, or one address.
///
/// What lies behind the prefix is dropped, so that each block has one spelling.
package struct AddressRange: Hashable, Sendable {
    package let start: NetworkAddress
    /// Of the 128 of an IPv6 address; IPv4 is `::ffff:0:0/96`.
    private let bits: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let address = parts.first.flatMap(NetworkAddress.init) else { return nil }
        let isFour = address.isIPv4 && !(parts[0].contains(":"))
        let width = isFour ? 32 : 128
        var prefix = width
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...width).contains(given) else { return nil }
            prefix = given
        }
        self.init(address, bits: prefix + (128 - width))
    }

    /// The block that `address` lies in. `bits` counts as of an IPv6 address.
    package init(_ address: NetworkAddress, bits: Int) {
        self.bits = min(max(bits, 0), 128)
        start = NetworkAddress(
            high: address.high & Self.mask(min(self.bits, 64)), low: address.low & Self.mask(max(self.bits - 64, 0)))
    }

    /// How much of an address is the prefix, as an IPv6 address counts.
    package var prefixBits: Int { bits }

    package func contains(_ address: NetworkAddress) -> Bool { AddressRange(address, bits: bits).start == start }

    /// Whether any address is in both.
    package func overlaps(_ other: AddressRange) -> Bool { bits <= other.bits ? contains(other.start) : other.contains(start) }

    private static func mask(_ bits: Int) -> UInt64 { bits == 0 ? 0 : ~0 << UInt64(64 - bits) }
}

extension AddressRange: CustomStringConvertible {
    /// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/48`.
    package var description: String {
        let isFour = start.isIPv4 && bits >= 96
        let (prefix, width) = isFour ? (bits - 96, 32) : (bits, 128)
        return prefix == width ? start.text : "\(start.text)/\(prefix)"
    }
}
