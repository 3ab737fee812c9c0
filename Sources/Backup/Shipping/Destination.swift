import ObjectStores
import Tenants
import Vocabulary

/// A place where archives are kept.
package struct Destination: Sendable {
    /// What operators call it: `directory`, `s3`, `sftp`, with a number where there are several of a kind.
    package let name: String
    package let kind: Kind
    /// Without secrets.
    package let address: String
    package let store: any ObjectStore
    /// Where it is. Nil where nobody said so: then it takes what lies anywhere.
    package let region: Region?
    /// Nothing can be deleted there, by its own rules.
    package let isAppendOnly: Bool
    /// Whether a commit that is there counts as kept a second time.
    package let confirms: Bool

    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case directory
        case s3
        case sftp

        /// Segments of one database are at least so long apart: an object costs a request elsewhere, and next to nothing here.
        var interval: Duration { self == .directory ? .milliseconds(50) : .seconds(1) }
    }

    package init(
        name: String, kind: Kind, address: String, store: any ObjectStore, region: Region? = nil, isAppendOnly: Bool = false,
        confirms: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.address = address
        self.store = store
        self.region = region
        self.isAppendOnly = isAppendOnly
        self.confirms = confirms
    }

    /// Whether what lies in `home` may lie here: in the same region or its pair.
    package func takes(_ home: Region) -> Bool { region.map { $0 == home || $0.name == home.pair } ?? true }

    func settings(_ placements: Placements) -> Shipping.Settings {
        var settings = Shipping.Settings()
        settings.interval = kind.interval
        settings.isAppendOnly = isAppendOnly
        settings.covers = { name in
            if name == .control { return true }
            guard let placement = placements[name] else { return false }
            return takes(placement.region)
        }
        if confirms {
            settings.confirms = { name in name == .control || placements[name]?.isKeptTwice == true }
        }
        return settings
    }
}
