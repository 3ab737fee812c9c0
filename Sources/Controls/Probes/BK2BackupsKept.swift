import Backup
import Vocabulary

extension Control {
    static let backupsKept = automated(
        "BK-2", "Weekly and monthly backups are kept", "M",
        "Weekly backups stay five weeks and monthly ones a year, as the edition says.", BackupsKept())
}

/// Looks at what is there: for each week and each month that the archive has seen and that the edition promises there is a whole backup, and nothing
/// is there that no promise needs.
struct BackupsKept: Probe {
    /// Upkeep comes by every hour, and a server may be down for a while.
    private static let grace = Duration.days(1)

    func check(_ platform: Platform) async throws -> Evidence {
        if let cluster = try await ClusterSample(platform) { return cluster.kept() }
        let sample = try await BackupSample(platform)
        let now = platform.clock.now()
        var findings = Findings()
        sample.note(in: &findings)
        var (weekly, monthly) = (0, 0)
        for kept in sample.kept {
            let (retention, points) = (kept.retention, kept.catalogue.generations.flatMap(\.points))
            guard let opened = kept.catalogue.generations.first?.opening.openedAt else { continue }
            let fulls = points.filter { $0.kind == .full }.map(\.at)
            let weeks = Set(fulls.map { retention.slot($0, Retention.week) })
            let this = retention.slot(now, Retention.week)
            // The week in which it began may have been nearly over, and this one's backup may be due this hour.
            let first = max(retention.slot(opened, Retention.week) + 1, this - Int64(max(retention.weeks, 1)) + 1)
            let last = retention.slot(now - Self.grace, Retention.week)
            for week in first...max(first, last) where week <= last {
                findings.expect(weeks.contains(week), "\(kept.label) lacks the backup of a week that is kept")
            }
            weekly += weeks.count
            monthly += Set(fulls.map { CalendarMonth(of: $0) }).count
            for month in CalendarMonth.between(opened, now - Self.grace).suffix(retention.months) {
                findings.expect(fulls.contains { CalendarMonth(of: $0) == month }, "\(kept.label) lacks the backup of a month that is kept")
            }
            guard !kept.line.destination.isAppendOnly else { continue }
            let generations = try await kept.archive.retentionGenerations(kept.catalogue)
            let old = retention.plan(points, generations, at: now - Self.grace).deleted
            findings.expect(old.isEmpty, "\(kept.label) has \(old.count) backups that nobody was promised")
        }
        findings.count("weeks", weekly)
        findings.count("months", monthly)
        return findings.evidence("\(sample.kept.count) archives have a backup for each week and month that was promised, and no other.")
    }
}
