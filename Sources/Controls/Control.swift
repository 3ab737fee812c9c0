import Vocabulary

/// One promise: what is said, and how it is known to be kept.
package struct Control: Sendable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A probe checks it against the running system.
        case automated
        /// No program can check it: somebody vouches, with a document that expires.
        case attested
        /// Nothing checks it yet. It may or may not be kept; the platform doesn't claim it.
        case planned
    }

    /// One of the white papers that the promise goes back to.
    package enum Seed: String, Sendable, Hashable, CaseIterable {
        case bestmix = "B"
        case beesApps = "Y"
        case maintMaster = "M"
        case centero = "C"
        case leavedays = "L"
    }

    /// Stable: `ID-1` … `EV-4`.
    package let id: String
    /// A few words for lists.
    package let title: String
    /// What the platform promises, in its own words.
    package let statement: String
    package let seeds: [Seed]
    package let kind: Kind
    /// How long a result says anything. Older ones are stale.
    package let freshness: Duration
    package let probe: (any Probe)?

    /// A promise that nothing checks yet.
    static func planned(_ id: String, _ title: String, _ seeds: String, _ statement: String) -> Control {
        Control(id: id, title: title, statement: statement, seeds: seeds, kind: .planned, freshness: .zero, probe: nil)
    }

    /// A promise that `probe` checks.
    static func automated(
        _ id: String, _ title: String, _ seeds: String, _ statement: String, every freshness: Duration = .hours(24), _ probe: any Probe
    ) -> Control {
        Control(id: id, title: title, statement: statement, seeds: seeds, kind: .automated, freshness: freshness, probe: probe)
    }

    private init(id: String, title: String, statement: String, seeds: String, kind: Kind, freshness: Duration, probe: (any Probe)?) {
        self.id = id
        self.title = title
        self.statement = statement
        self.seeds = seeds.compactMap { Seed(rawValue: String($0)) }
        self.kind = kind
        self.freshness = freshness
        self.probe = probe
    }

    /// `ID`, `AZ`, …
    package var area: String { String(id.prefix { $0 != "-" }) }

    /// All of them, in the order in which the promises are listed.
    package static let all: [Control] =
        identity + authorization + tenants + data + backup + availability + guardian + logs + support + incidents + evidence

    package static func find(_ id: String) -> Control? { all.first { $0.id == id } }

    /// What an area is called.
    package static func areaTitle(_ area: String) -> String {
        switch area {
        case "ID": "Identity"
        case "AZ": "Authorization"
        case "TN": "Tenants and the service portal"
        case "DA": "Data"
        case "BK": "Backup and recovery"
        case "AV": "Availability"
        case "GD": "Guard"
        case "LG": "Logs"
        case "SP": "Support access"
        case "IN": "Incidents"
        case "EV": "Evidence"
        default: area
        }
    }
}
