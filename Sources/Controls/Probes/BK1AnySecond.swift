import Tenants
import Vocabulary

extension Control {
    static let anySecond = automated(
        "BK-1", "Back to any second", "BM",
        "One customer's environment can be put back to any second of its edition's window without touching anybody else's.",
        AnySecond())
}

/// Looks at every environment that is kept: does what is kept reach from now to the window's beginning, without a hole?
///
/// Whether it can really be restored is tried by drills (BK-8).
struct AnySecond: Probe {
    /// A first copy has been made by then, and what was done is kept.
    private static let patience = Duration.minutes(15)

    func check(_ platform: Platform) async throws -> Evidence {
        let backups = try platform.requireBackups()
        var findings = Findings()
        let now = platform.clock.now()
        var checked = 0
        for place in try await platform.places() where backups.keeps.contains(place.engine) {
            let reach = try await backups.reach(place.id)
            guard let first = reach.stretches.first else {
                // Just made.
                findings.expect(now - reach.since <= Self.patience, "\(place.label) can't be restored at all")
                continue
            }
            checked += 1
            let wanted = max(reach.since + Self.patience, now - reach.window)
            findings.expect(first.lowerBound <= wanted + .seconds(1), "\(place.label) can be restored only since \(first.lowerBound)")
            for (one, next) in zip(reach.stretches, reach.stretches.dropFirst()) where next.lowerBound > wanted {
                findings.expect(
                    one.upperBound >= next.lowerBound, "\(place.label) can't be put back between \(one.upperBound) and \(next.lowerBound)")
            }
            if let waiting = reach.waitingSince {
                findings.expect(now - waiting <= .minutes(5), "what \(place.label) did since \(waiting) is not kept yet")
            }
        }
        findings.count("environments", checked)
        if checked == 0, findings.broken.isEmpty { throw CannotProbe("no environment has a first copy yet") }
        return findings.evidence("Every environment can be put back to any second of its window.")
    }
}
