import Identity
import OIDCProvider
import Vocabulary

extension Control {
    static let leaversOut = automated(
        "ID-11", "Leavers are out at once", "BY",
        "Disabling or removing somebody ends all their sessions, tokens and devices within a second.",
        every: .hours(6), LeaversOut())
}

/// Makes somebody who is nobody, gives them every way in that people have, sends them away, and measures until the last one is shut.
struct LeaversOut: Probe {
    static let promised = Duration.seconds(1)
    /// Long enough to say how long it took where the promise is broken.
    static let patience = Duration.seconds(3)

    func check(_ platform: Platform) async throws -> Evidence {
        guard let trial = platform.leavers else { throw CannotProbe("nobody issues tokens on this platform") }
        var findings = Findings()
        for leaving in LeaverTrial.Leaving.allCases {
            let (slowest, late, ways) = try await trial.lend { person, tenant, ways in
                var open = ways
                // A page that asks for nothing but somebody signed in.
                let page: @Sendable () async throws -> Bool = {
                    try await platform.door.get("/confirm", withSession: person.session.token.text) == 200
                }
                if try await page() { open.append(.init(name: "page", page)) }
                // Asked twice, so that whatever is remembered is remembered.
                for way in open + open where try await !way.isOpen() { throw CannotProbe("the \(way.name) opened nothing to begin with") }
                let count = open.count
                try await trial.leave(leaving, person.account, tenant)
                let left = ContinuousClock.now
                // Only who is disabled everywhere loses the session at the apex, which opens the own account and nothing of the tenant.
                if leaving != .disabled { open.removeAll { $0.name == "session" || $0.name == "page" } }
                var slowest = Duration.zero
                while !open.isEmpty, ContinuousClock.now - left < Self.patience {
                    var still: [LeaverTrial.Way] = []
                    for way in open {
                        if try await way.isOpen() { still.append(way) } else { slowest = max(slowest, ContinuousClock.now - left) }
                    }
                    open = still
                    if !open.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                }
                return (slowest, open.map(\.name), count)
            }
            findings.count("ways_in", ways)
            findings.count("\(leaving.rawValue)_ms", Int(slowest.microseconds / 1000))
            findings.expect(late.isEmpty, "\(leaving.rawValue), and still in by the \(late.joined(separator: ", the "))")
            findings.expect(slowest < Self.promised, "\(leaving.rawValue), and in for \(slowest.microseconds / 1000) ms more")
        }
        return findings.evidence(
            "Somebody was disabled, removed and suspended: sessions, tokens and roles ended at once, each time.")
    }
}
