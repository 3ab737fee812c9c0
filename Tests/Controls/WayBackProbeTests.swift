import Controls
import Storage
import TestSupport
import Testing
import Vocabulary

/// Probes of the way back.
@Suite struct WayBackProbeTests {
    private func platform(
        _ fixture: PlatformFixture, stretches: @escaping @Sendable (Instant) -> [ClosedRange<Instant>] = { [$0 - .days(40)...$0] },
        waiting: Duration? = nil, trial: Platform.Backups.Trial? = nil
    ) -> Platform {
        fixture.changed { platform in
            let now = fixture.clock.now()
            let places = platform.places
            platform.backups = .init(
                reach: { _ in
                    .init(window: .days(35), since: now - .days(100), stretches: stretches(now), waitingSince: waiting.map { now - $0 })
                },
                trials: {
                    let trial = trial ?? .init(at: now - .days(2), passed: true, exposure: .milliseconds(20), took: .seconds(1))
                    return Dictionary(try await places().map { ($0.id, trial) }) { first, _ in first }
                })
            platform.routes = ["/backups", "/backups/moment", "/backups/restores"].map {
                .init(door: "environment", method: "GET", path: $0)
            }
        }
    }

    @Test func `without shipping nothing is said of the way back`() async throws {
        let fixture = try await PlatformFixture()
        for id in ["BK-1", "BK-7", "BK-8"] {
            await #expect(throws: CannotProbe.self) { _ = try await fixture.check(id) }
        }
    }

    @Test func `BK-1 holds while what is kept reaches over the window, and turns with a hole, a late beginning or a standstill`()
        async throws
    {
        // Environments on a server are not shipped from here.
        guard !TestEngine.isPostgres else { return }
        let fixture = try await PlatformFixture()
        #expect(try await fixture.check("BK-1", on: platform(fixture)).holds)
        let cases: [@Sendable (Instant) -> [ClosedRange<Instant>]] = [
            { _ in [] }, { [$0 - .days(3)...$0] }, { [$0 - .days(40)...($0 - .days(2)), ($0 - .days(1))...$0] },
        ]
        for stretches in cases {
            #expect(try await !fixture.check("BK-1", on: platform(fixture, stretches: stretches)).holds)
        }
        #expect(try await !fixture.check("BK-1", on: platform(fixture, waiting: .minutes(30))).holds)
    }

    @Test func `BK-7 holds while a customer can go back`() async throws {
        guard !TestEngine.isPostgres else { return }
        let fixture = try await PlatformFixture()
        let evidence = try await fixture.check("BK-7", on: platform(fixture))
        #expect(evidence.holds, "\(evidence)")
    }

    @Test func `BK-7 turns when what is put back is not what was, or no page leads there`() async throws {
        guard !TestEngine.isPostgres else { return }
        let forgetful = try await PlatformFixture(spoiling: [
            Migration("test_0001_stubborn") {
                $0.trigger(
                    "stubborn", after: "UPDATE ON record", when: "NEW.action = 3 AND OLD.deleted_at IS NULL",
                    "UPDATE record SET body = OLD.body WHERE number = NEW.number")
            }
        ])
        #expect(try await !forgetful.check("BK-7", on: platform(forgetful)).holds)
        let fixture = try await PlatformFixture()
        var homeless = platform(fixture)
        homeless.routes = []
        #expect(try await !fixture.check("BK-7", on: homeless).holds)
    }

    @Test func `BK-8 holds while drills pass in time, and turns when one fails, is old, slow, or would have lost much`() async throws {
        guard !TestEngine.isPostgres else { return }
        let fixture = try await PlatformFixture()
        #expect(try await fixture.check("BK-8", on: platform(fixture)).holds)
        let now = fixture.clock.now()
        let bad: [Platform.Backups.Trial] = [
            .init(at: now, passed: false, exposure: .zero, took: .zero),
            .init(at: now - .days(9), passed: true, exposure: .zero, took: .zero),
            .init(at: now, passed: true, exposure: .hours(2), took: .zero), .init(at: now, passed: true, exposure: .zero, took: .hours(6)),
        ]
        for trial in bad { #expect(try await !fixture.check("BK-8", on: platform(fixture, trial: trial)).holds) }
    }
}
