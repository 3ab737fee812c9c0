import Glibc
import Vocabulary

/// Which addresses a webhook may go to: those of the internet, and inside only what the operator named. Customers choose webhooks'
/// targets, and the platform's own network is none of their business (CWE-918).
package struct Reach: Sendable {
    package let inside: [AddressRange]

    package init(inside: [AddressRange] = []) { self.inside = inside }

    enum Fault: Error {
        case unknown
        case forbidden
    }

    func isInside(_ address: NetworkAddress) -> Bool { inside.contains { $0.contains(address) } }

    func permits(_ address: NetworkAddress) -> Bool { isInside(address) || !Self.special.contains { $0.contains(address) } }

    /// Every address of a host's name, if all of them are permitted. Blocks.
    func look(up host: String, port: Int) -> Result<[NetworkAddress], Fault> {
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, "\(port)", &hints, &list) == 0, let list else { return .failure(.unknown) }
        defer { freeaddrinfo(list) }
        var found: [NetworkAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = list
        while let entry = next?.pointee {
            if let address = Self.address(entry), !found.contains(address) { found.append(address) }
            next = entry.ai_next
        }
        guard !found.isEmpty else { return .failure(.unknown) }
        return found.allSatisfy(permits) ? .success(found) : .failure(.forbidden)
    }

    private static func address(_ entry: addrinfo) -> NetworkAddress? {
        guard let raw = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            return raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin_addr) { NetworkAddress(bytes: $0) }
            }
        case AF_INET6:
            return raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin6_addr) { NetworkAddress(bytes: $0) }
            }
        default: return nil
        }
    }

    /// IANA's registries of special-purpose addresses (RFC 6890), what is no unicast, and what leads to IPv4 in disguise.
    private static let special: [AddressRange] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/128", "::1/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap { AddressRange($0) }
}
