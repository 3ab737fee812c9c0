import Vocabulary

/// Somebody who can sign in to the demo, with what it takes. Invented, and the same on every machine.
package struct DemoPerson: Sendable, Hashable {
    /// What `holdfast demo code` calls them.
    package let name: String
    package let displayName: String
    package let identifier: String
    /// Tenant's slug to role. Empty for staff.
    package let roles: [String: String]
    package let isStaff: Bool

    /// Four words and two digits: passes every policy, and can be typed from the terminal.
    package var password: String {
        var dice = Dice(seed: "password of \(name)")
        let words = (0..<4).compactMap { _ in dice.pick(Self.words) }
        return words.joined(separator: "-") + "-\(10 + dice.next() % 90)"
    }

    /// The shared secret of their TOTP (RFC 6238), 20 bytes.
    package var factorSecret: [UInt8] {
        var dice = Dice(seed: "second factor of \(name)")
        return dice.bytes(20)
    }

    private static let words = [
        "amber", "anchor", "barley", "beacon", "birch", "bramble", "cedar", "cinder", "clover", "cobalt", "copper", "coral", "dapple",
        "ember",
        "fennel", "flint", "garnet", "ginger", "hazel", "heron", "indigo", "juniper", "kestrel", "lantern", "lichen", "linden", "maple",
        "marble",
        "meadow", "nettle", "ochre", "orchid", "otter", "pebble", "pewter", "plover", "quartz", "quill", "rowan", "saffron", "sorrel",
        "tallow",
        "teasel", "thicket", "umber", "velvet", "walnut", "willow",
    ]
}

extension DemoPerson {
    /// In the order in which they are shown. Rosa belongs to two customers with one account.
    package static let all: [DemoPerson] = [
        DemoPerson(name: "olive", displayName: "Olive Okafor", identifier: "olive@vendor.example", roles: [:], isStaff: true),
        DemoPerson(name: "ada", displayName: "Ada Lindqvist", identifier: "ada@acme.example", roles: ["acme": "owner"], isStaff: false),
        DemoPerson(
            name: "bruno", displayName: "Bruno Keller", identifier: "bruno@acme.example", roles: ["acme": "administrator"], isStaff: false),
        DemoPerson(
            name: "chiara", displayName: "Chiara Fontana", identifier: "chiara@acme.example", roles: ["acme": "editor"], isStaff: false),
        DemoPerson(
            name: "dmitri", displayName: "Dmitri Horvat", identifier: "dmitri@acme.example", roles: ["acme": "reader"], isStaff: false),
        DemoPerson(
            name: "mara", displayName: "Mara Nkemelu", identifier: "mara@meridian.example", roles: ["meridian": "owner"], isStaff: false),
        DemoPerson(
            name: "pavel", displayName: "Pavel Svoboda", identifier: "pavel@meridian.example", roles: ["meridian": "editor"], isStaff: false
        ),
        DemoPerson(
            name: "sanna", displayName: "Sanna Virtanen", identifier: "sanna@harbour.example", roles: ["harbour": "owner"], isStaff: false),
        DemoPerson(
            name: "rosa", displayName: "Rosa Almeida", identifier: "rosa@consulting.example",
            roles: ["acme": "reader", "meridian": "editor"],
            isStaff: false),
    ]

    package static func named(_ name: String) -> DemoPerson? {
        all.first { $0.name == name || $0.identifier == name }
    }
}
