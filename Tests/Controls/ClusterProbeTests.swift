import Controls
import TestSupport
import Testing
import Vocabulary

/// Probes of what is kept of a PostgreSQL server.
@Suite struct ClusterProbeTests {
    private func check(
        _ id: String, full ages: [Duration], daily: Duration? = .hours(20), waiting: Duration? = nil, failure: String? = nil,
        since: Duration = .days(20), months: Int = 0
    ) async throws -> Evidence {
        let fixture = try await PlatformFixture()
        let now = fixture.clock.now()
        let copies = ages.map { Platform.ClusterBackups.Copy(kind: .full, endedAt: now - $0) }
        let rest = daily.map { [Platform.ClusterBackups.Copy(kind: .differential, endedAt: now - $0)] } ?? []
        let found = Platform.ClusterBackups(
            copies: copies + rest, repositories: 1, waitingSince: waiting.map { now - $0 }, failure: failure, weeks: 5, months: months,
            since: now - since)
        return try await fixture.check(id, on: fixture.changed { $0.clusterBackups = { found } })
    }

    @Test func `BK-3 holds with a full of the week, a differential of the day and the log of the last minutes`() async throws {
        #expect(try await check("BK-3", full: [.days(3)], waiting: .minutes(1)).holds)
        #expect(try await check("BK-3", full: [.hours(2)], daily: nil).holds, "a full is as good as a differential")
        #expect(try await !check("BK-3", full: []).holds)
        #expect(try await !check("BK-3", full: [.days(8)]).holds)
        #expect(try await !check("BK-3", full: [.days(3)], daily: .days(2)).holds)
        #expect(try await !check("BK-3", full: [.days(3)], waiting: .minutes(30)).holds)
        #expect(try await !check("BK-3", full: [.days(3)], failure: "PostgreSQL's archive_command fails").holds)
    }

    @Test func `BK-2 holds while no week and no month that was promised is without a full`() async throws {
        #expect(try await check("BK-2", full: [.days(19), .days(12), .days(5)]).holds)
        #expect(try await check("BK-2", full: [.hours(1)], since: .hours(2)).holds)
        #expect(try await !check("BK-2", full: []).holds)
        #expect(try await !check("BK-2", full: [.days(19), .days(5)]).holds, "a week is missing")
        let weekly = (0..<5).map { Duration.days($0 * 7 + 1) }
        #expect(try await check("BK-2", full: weekly, since: .days(400)).holds)
        #expect(try await !check("BK-2", full: weekly, since: .days(400), months: 12).holds, "months are missing")
        #expect(try await check("BK-2", full: (0..<60).map { .days($0 * 7 + 1) }, since: .days(400), months: 12).holds)
    }

    @Test(arguments: ["BK-4", "BK-5", "BK-10"]) func `what pgBackRest doesn't tell is not claimed`(id: String) async {
        await #expect(throws: CannotProbe.self) { _ = try await check(id, full: [.days(1)]) }
    }
}
