import Tenants
import Vocabulary

extension Control {
    static let drilled = automated(
        "BK-8", "Recovery times are measured", "L",
        "How much would be lost and how long a restore takes is measured by drills in every environment and shown to its customer.",
        Drilled())
}

/// Reads the newest drill of every environment that is kept.
struct Drilled: Probe {
    /// Drills are weekly; one that was due while the server stood still may be a day late.
    private static let age = Duration.days(8)
    private static let mostLost = Duration.hours(1)
    private static let longest = Duration.hours(5)

    func check(_ platform: Platform) async throws -> Evidence {
        let backups = try platform.requireBackups()
        var findings = Findings()
        let (now, trials) = (platform.clock.now(), try await backups.trials())
        var checked = 0
        var (exposed, took) = (Duration.zero, Duration.zero)
        for place in try await platform.places() where backups.keeps.contains(place.engine) {
            guard let trial = trials[place.id] else {
                let since = try await backups.reach(place.id).since
                findings.expect(now - since < .hours(1), "\(place.label) was never restored in a drill")
                continue
            }
            checked += 1
            exposed = max(exposed, trial.exposure)
            took = max(took, trial.took)
            findings.expect(trial.passed, "the last drill of \(place.label) failed")
            findings.expect(now - trial.at <= Self.age, "the last drill of \(place.label) is of \(trial.at)")
            findings.expect(trial.exposure <= Self.mostLost, "\(place.label) would have lost more than an hour of work")
            findings.expect(trial.took <= Self.longest, "restoring \(place.label) took more than five hours")
        }
        findings.count("environments", checked)
        findings.count("most_lost_ms", Int(clamping: exposed.microseconds / 1000))
        findings.count("longest_restore_ms", Int(clamping: took.microseconds / 1000))
        if checked == 0, findings.broken.isEmpty { throw CannotProbe("no drill was due yet") }
        return findings.evidence("Every environment was restored in a drill lately, in time and with next to nothing lost.")
    }
}
