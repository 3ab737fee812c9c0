import Vocabulary

/// What a customer buys: how far back it can go, and how much it may use.
///
/// Data, so that a change of the price list is a change of this table only.
package struct Edition: Sendable, Hashable {
    /// `sandbox`, `team`, `standard`, `enterprise`: stored with the tenant, part of the API.
    package typealias Name = String

    package struct Retention: Sendable, Hashable {
        /// Any second within it can be restored.
        package let pointInTime: Duration
        package let weeklyBackups: Int
        package let monthlyBackups: Int
        /// How long changes to records stay in their history's log.
        package let changeLog: Duration
    }

    package struct Limits: Sendable, Hashable {
        package let people: Int
        package let environments: Int
        package let collections: Int
        package let records: Int
        package let storageBytes: Int
        package let requestsPerSecond: Int
    }

    package let name: Name
    package let title: String
    package let retention: Retention
    package let limits: Limits
    /// Whether changes in production are answered only when a second place has them, where the installation has one that can say so.
    package let isKeptTwice: Bool

    package init?(named name: Name) {
        guard let edition = Self.all.first(where: { $0.name == name }) else { return nil }
        self = edition
    }

    private init(_ name: Name, _ title: String, _ retention: Retention, _ limits: Limits, isKeptTwice: Bool = false) {
        self.name = name
        self.title = title
        self.retention = retention
        self.limits = limits
        self.isKeptTwice = isKeptTwice
    }

    package static let sandbox = Edition(
        "sandbox", "Sandbox/Test", Retention(pointInTime: .days(7), weeklyBackups: 0, monthlyBackups: 0, changeLog: .days(30)),
        Limits(people: 10, environments: 1, collections: 50, records: 100_000, storageBytes: 1 << 30, requestsPerSecond: 20))
    package static let team = Edition(
        "team", "Team", Retention(pointInTime: .days(14), weeklyBackups: 5, monthlyBackups: 12, changeLog: .days(30)),
        Limits(people: 50, environments: 2, collections: 200, records: 2_000_000, storageBytes: 20 << 30, requestsPerSecond: 100))
    package static let standard = Edition(
        "standard", "Standard", Retention(pointInTime: .days(14), weeklyBackups: 5, monthlyBackups: 12, changeLog: .days(90)),
        Limits(people: 500, environments: 3, collections: 500, records: 10_000_000, storageBytes: 100 << 30, requestsPerSecond: 400))
    package static let enterprise = Edition(
        "enterprise", "Enterprise", Retention(pointInTime: .days(35), weeklyBackups: 5, monthlyBackups: 12, changeLog: .days(365)),
        Limits(people: 10_000, environments: 3, collections: 2000, records: 100_000_000, storageBytes: 1 << 40, requestsPerSecond: 2000),
        isKeptTwice: true)

    package static let all = [sandbox, team, standard, enterprise]

    static let unknown = Refusal.invalid(
        "edition-unknown", "Choose one of the editions: \(all.map(\.name).joined(separator: ", ")).", field: "edition")

    var tooManyEnvironments: Refusal {
        Refusal.invalid(
            "environment-limit",
            "The \(title) edition has \(limits.environments == 1 ? "one environment" : "up to \(limits.environments) environments, one of each kind").",
            field: "environments")
    }

    /// What an environment of a kind keeps: test and sandbox are protected like production, but are backed up like the smallest edition.
    package func retention(of kind: HostedEnvironment.Kind) -> Retention { kind == .production ? retention : Self.sandbox.retention }
}
