import Backup
import Vocabulary

extension Platform {
    /// What is kept of a PostgreSQL server, with all its databases together.
    package struct ClusterBackups: Sendable {
        package struct Copy: Sendable, Hashable {
            package enum Kind: Sendable, Hashable { case full, differential, incremental }

            package let kind: Kind
            package let endedAt: Instant

            package init(kind: Kind, endedAt: Instant) { (self.kind, self.endedAt) = (kind, endedAt) }
        }

        package let copies: [Copy]
        package let repositories: Int
        /// Of the oldest change that may not be kept yet.
        package let waitingSince: Instant?
        /// Why nothing is kept at the moment.
        package let failure: String?
        /// The most weeks and months that any environment was promised.
        package let weeks: Int
        package let months: Int
        /// When the oldest environment was made.
        package let since: Instant?

        package init(
            copies: [Copy], repositories: Int, waitingSince: Instant?, failure: String?, weeks: Int, months: Int, since: Instant?
        ) {
            self.copies = copies
            self.repositories = repositories
            self.waitingSince = waitingSince
            self.failure = failure
            self.weeks = weeks
            self.months = months
            self.since = since
        }
    }
}

/// The promises about backups, asked of a cluster's.
struct ClusterSample {
    private static let grace = Duration.hours(6)
    private static let lagAtMost = Duration.minutes(5)

    let cluster: Platform.ClusterBackups
    let now: Instant

    /// Nil where databases are files, or nobody keeps the server's.
    init?(_ platform: Platform) async throws {
        guard let look = platform.clusterBackups else { return nil }
        cluster = try await look()
        now = platform.clock.now()
    }

    private var findings: Findings {
        var findings = Findings()
        findings.count("copies", cluster.copies.count)
        findings.count("repositories", cluster.repositories)
        findings.expect(cluster.failure == nil, cluster.failure ?? "")
        return findings
    }

    private func newest(_ kinds: Set<Platform.ClusterBackups.Copy.Kind>) -> Instant? {
        cluster.copies.filter { kinds.contains($0.kind) }.map(\.endedAt).max()
    }

    /// BK-3.
    func scheduled() -> Evidence {
        var findings = findings
        func isYoung(_ at: Instant?, _ age: Duration) -> Bool { at.map { now - $0 < age + Self.grace } ?? false }
        findings.expect(isYoung(newest([.full]), .days(7)), "there is no full backup of the last seven days")
        findings.expect(isYoung(newest([.full, .differential]), .days(1)), "there is neither a full nor a differential of the last day")
        if let waiting = cluster.waitingSince {
            findings.count("waiting_ms", Int(clamping: (now - waiting).microseconds / 1000))
            findings.expect(now - waiting < Self.lagAtMost, "the log since \(waiting) is not kept yet")
        }
        return findings.evidence("The cluster has its full and its differential, and its log but for the last minutes.")
    }

    /// BK-2. Fulls are a week apart, so one that is missing leaves a hole.
    func kept() -> Evidence {
        var findings = findings
        let fulls = cluster.copies.filter { $0.kind == .full }.map(\.endedAt).sorted()
        guard let since = cluster.since else { return findings.evidence("Nobody was promised anything yet.") }
        let wanted = max(since, now - .days(7 * cluster.weeks))
        var before = wanted + Self.grace
        for full in fulls.filter({ $0 >= wanted }) + [now] {
            findings.expect(full - before < .days(8), "there is no full backup between \(before) and \(full)")
            before = full
        }
        for month in CalendarMonth.between(since, now - .days(8)).suffix(cluster.months) {
            findings.expect(
                fulls.contains { CalendarMonth(of: $0) == month },
                "the backup of a month that was promised is missing: a second repository keeps them")
        }
        findings.count("fulls", fulls.count)
        return findings.evidence("There is a full backup for each week and month that was promised.")
    }
}
