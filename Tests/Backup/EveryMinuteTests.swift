import Backup
import Foundation
import Storage
import TestSupport
import Testing
import Vocabulary

/// `pitr.every-minute-in-window`: so many minutes of commits (`HOLDFAST_PITR_MINUTES`, 90 in the everyday run), one each minute on a simulated
/// clock, with bases in between; each minute comes back as it was.
@Suite(.timeLimit(.minutes(10))) struct EveryMinuteTests {
    private static let minutes = ProcessInfo.processInfo.environment["HOLDFAST_PITR_MINUTES"].flatMap { Int($0) } ?? 90

    @Test func `every minute restores to exactly what was then`() async throws {
        let start = Instant(seconds: 1_800_000_000)
        let clock = ManualClock(start)
        let server = try await ShippedEngine(clock: clock)
        try await server.settled()
        for minute in 1...Self.minutes {
            clock.set(start + .minutes(minute))
            // Every seventh takes one away again.
            if minute % 7 == 0 {
                try await server.database.write { try $0.run("DELETE FROM item WHERE number = \(minute - 3)") }
            } else {
                try await server.add(minute...minute)
            }
            if minute % 30 == 0 { _ = try await server.shipping.base(of: ShippedEngine.name) }
        }
        try await server.caughtUp()
        #expect(try await server.generations == [.first])
        var expected: [Int] = []
        for minute in 1...Self.minutes {
            if minute % 7 == 0 { expected.removeAll { $0 == minute - 3 } } else { expected.append(minute) }
            // The second before the next commit is still this one.
            let moment = start + .minutes(minute) + .seconds(minute % 60)
            let found = try await server.restore(.moment(moment))
            guard found == expected else {
                Issue.record("minute \(minute): \(found.count) rows instead of \(expected.count)")
                break
            }
        }
        await server.stop()
    }
}
