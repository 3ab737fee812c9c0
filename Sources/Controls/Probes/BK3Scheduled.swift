import Backup
import Vocabulary

extension Control {
    static let backupsScheduled = automated(
        "BK-3", "Full, differential and incremental", "BYL",
        "Backups run on a schedule: full each week, differential each day, incremental all the time.", BackupsScheduled())
}

/// Looks at the newest of each kind: a full of this week, a differential of this day where something changed, and no commit on its way for longer
/// than a minute.
struct BackupsScheduled: Probe {
    private static let grace = Duration.hours(6)
    private static let lagAtMost = Duration.seconds(60)

    func check(_ platform: Platform) async throws -> Evidence {
        if let cluster = try await ClusterSample(platform) { return cluster.scheduled() }
        let sample = try await BackupSample(platform)
        let now = platform.clock.now()
        var findings = Findings()
        sample.note(in: &findings)
        var (differentials, lag) = (0, Duration.zero)
        for kept in sample.kept {
            guard let status = kept.line.shipping.status(of: kept.database), let number = status.generation else {
                // Nobody has used it since the start: nothing can have changed.
                continue
            }
            guard let generation = kept.catalogue.generations.first(where: { $0.opening.generation == number }) else {
                findings.expect(false, "\(kept.label): the generation that is shipped to is not there")
                continue
            }
            let fulls = generation.bases.map(\.endedAt)
            findings.expect(
                fulls.contains { $0 > now - Retention.week - Self.grace }, "\(kept.label) has no full backup of the last seven days")
            differentials += generation.differentials.count
            let newest = generation.points.map(\.at).max() ?? generation.opening.openedAt
            let hasChanged = status.storedUntil.map { $0 > newest } ?? false
            if !kept.line.destination.isAppendOnly, hasChanged {
                findings.expect(
                    newest > now - Retention.day - Self.grace, "\(kept.label) has neither a full nor a differential of the last day")
            }
            if let waiting = status.waitingSince { lag = max(lag, now - waiting) }
            findings.expect(
                status.waitingSince.map { now - $0 < Self.lagAtMost } ?? true,
                "\(kept.label): a commit waits for longer than a minute" + (status.failure.map { " (\($0))" } ?? ""))
        }
        findings.count("differentials", differentials)
        findings.count("waiting_ms", Int(lag.microseconds / 1000))
        return findings.evidence(
            "\(sample.kept.count) archives have their full and their differential, and every commit but those of this moment.")
    }
}
