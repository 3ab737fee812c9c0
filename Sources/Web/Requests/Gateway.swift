import Vocabulary

/// The public names that we answer to: the apex and one label below it, on one port.
package struct Gateway: Sendable {
    package let apex: String
    /// The port that browsers see, whatever the listener's is.
    package let port: Int

    /// `apex` is lower case, such as `holdfast.localhost`.
    package init(apex: String, port: Int = 443) {
        self.apex = apex
        self.port = port
    }

    package var apexOrigin: String { origin(of: apex) }

    package func origin(label: String) -> String { origin(of: "\(label).\(apex)") }

    func origin(of host: String) -> String { port == 443 ? "https://\(host)" : "https://\(host):\(port)" }

    enum Door: Equatable {
        case apex
        case label(String)
        case unknown
    }

    func door(for authority: Authority) -> Door {
        guard authority.port ?? 443 == port else { return .unknown }
        if authority.host == apex { return .apex }
        let host = authority.host.utf8
        guard host.count > apex.utf8.count + 1, host.suffix(apex.utf8.count).elementsEqual(apex.utf8) else { return .unknown }
        let rest = host.dropLast(apex.utf8.count)
        guard rest.last == UInt8(ascii: "."), case let label = String(Substring(rest.dropLast())), Text.isSlug(label) else {
            return .unknown
        }
        return .label(label)
    }
}
