import Backup
import TestSupport
import Tenants
import Testing
import Vocabulary

/// `retention.two-years`: what an archive holds on each day of two years, and that nothing promised is missing from it.
@Suite struct RetentionTests {
    private static let editions: [(String, HostedEnvironment.Kind)] = [
        ("sandbox", .production), ("team", .production), ("standard", .production), ("enterprise", .production), ("enterprise", .sandbox),
    ]
    /// 2026-01-01
    private static let start = Instant(seconds: 1_767_225_600)

    /// An archive that is only numbers: a commit every so often, points when they are due, and what retention leaves.
    private struct Archive {
        let retention: Retention
        var points: [Retention.Point] = []
        var entries: [(ordinal: UInt64, at: Instant)] = []
        var newest: UInt64 = 0
        /// The entries that are there, as ranges without a gap.
        var held: [ClosedRange<UInt64>] = []
        var made: [Retention.Point] = []

        init(_ retention: Retention) { self.retention = retention }

        mutating func commit(at now: Instant) {
            newest += 1
            entries.append((newest, now))
        }

        mutating func make(at now: Instant) {
            guard let due = retention.due(points, generation: 1, at: now) else { return }
            let full = points.last { $0.kind == .full }
            // A full is taken while two commits come in.
            let point =
                due == .full
                ? Retention.Point(kind: .full, generation: 1, first: newest > 2 ? newest - 2 : 0, usable: newest, at: now)
                : Retention.Point(kind: .differential(since: full?.first ?? 0), generation: 1, first: newest, usable: newest, at: now)
            points.append(point)
            made.append(point)
        }

        mutating func prune(at now: Instant) {
            let plan = retention.plan(points, [Retention.Generation(number: 1, newestAt: entries.last?.at ?? now)], at: now)
            points = plan.kept.map(\.point)
            entries.removeAll { !plan.keeps($0.ordinal...$0.ordinal, of: 1) }
            held = []
            for (ordinal, _) in entries {
                if let last = held.last, last.upperBound + 1 == ordinal {
                    held[held.count - 1] = last.lowerBound...ordinal
                } else {
                    held.append(ordinal...ordinal)
                }
            }
        }

        /// Whether the state after `ordinal` can be put together from what is there.
        func restores(_ ordinal: UInt64) -> Bool {
            points.contains { point in
                guard point.usable <= ordinal else { return false }
                if case .differential(let since) = point.kind {
                    guard points.contains(where: { $0.kind == .full && $0.first == since && $0.usable <= ordinal }) else { return false }
                }
                return point.first == ordinal || held.contains { $0.contains(point.first + 1) && $0.contains(ordinal) }
            }
        }
    }

    @Test(arguments: editions) func `two years keep what was promised and nothing else`(name: String, kind: HostedEnvironment.Kind) throws {
        let edition = try #require(Edition(named: name))
        let retention = Retention(edition, kind, of: "environment/\(name)-\(kind)")
        let random = SeededEntropy(seed: 7)
        var archive = Archive(retention)
        var committed: [(ordinal: UInt64, at: Instant)] = []
        var pointsMost = 0
        for hour in 0..<(2 * 365 * 24) {
            let now = Self.start + .hours(hour)
            if random.words().0 % 12 == 0 {
                archive.commit(at: now)
                committed.append((archive.newest, now))
            }
            // The server is off now and then, for a night.
            let isOff = (hour / 24) % 29 == 3 && hour % 24 < 9
            guard !isOff else { continue }
            archive.make(at: now)
            guard hour % 24 == 23 else { continue }
            archive.prune(at: now)
            pointsMost = max(pointsMost, archive.points.count)
            guard (hour / 24) % 3 == 0 else { continue }

            let windowStart = now - retention.window
            let last = committed.last { $0.at <= windowStart }?.ordinal
            for (ordinal, at) in committed.suffix(500) where at > windowStart || ordinal == last {
                #expect(archive.restores(ordinal), "commit \(ordinal) of \(at) at \(now)")
            }
            let fulls = archive.made.filter { $0.kind == .full }
            for group in Dictionary(grouping: fulls, by: { retention.slot($0.at, Retention.week) }).values where retention.weeks > 0 {
                let first = try #require(group.min { $0.at < $1.at })
                if now < first.at + .days(7 * retention.weeks) { #expect(archive.restores(first.usable), "week of \(first.at) at \(now)") }
            }
            for group in Dictionary(grouping: fulls, by: { CalendarMonth(of: $0.at) }).values where retention.months > 0 {
                let first = try #require(group.min { $0.at < $1.at })
                if now < first.at + .days(364) { #expect(archive.restores(first.usable), "month of \(first.at) at \(now)") }
            }
            // Nothing lies there for no reason.
            let oldest = archive.points.map(\.at).min() ?? now
            let reach = retention.months > 0 ? Duration.days(367) : retention.window + .days(8)
            #expect(now - oldest <= reach)
        }
        // Each week a full, each day a differential, of the window and a week more; five weeks; thirteen months.
        let days = Int(retention.window.microseconds / Duration.days(1).microseconds)
        #expect(pointsMost <= days + 9 + days / 7 + 2 + retention.weeks + retention.months + 1)
        #expect(archive.made.count { $0.kind == .full } >= 104)
    }

    @Test func `editions keep what the price list says`() throws {
        func retention(_ name: String, _ kind: HostedEnvironment.Kind) throws -> Retention {
            Retention(try #require(Edition(named: name)), kind, of: "environment/x")
        }
        for name in ["team", "standard"] { #expect(try retention(name, .production).window == .days(14)) }
        #expect(try retention("enterprise", .production).window == .days(35))
        for (name, kind) in [("sandbox", .production), ("enterprise", .sandbox), ("team", .test)] as [(String, HostedEnvironment.Kind)] {
            let retention = try retention(name, kind)
            #expect(retention.window == .days(7))
            #expect((retention.weeks, retention.months) == (0, 0))
        }
        for name in ["team", "standard", "enterprise"] {
            let retention = try retention(name, .production)
            #expect((retention.weeks, retention.months) == (5, 12))
        }
    }

    @Test func `databases begin their weeks at different times`() throws {
        let edition = try #require(Edition(named: "team"))
        let offsets = (0..<1000).map { Retention(edition, .production, of: "environment/\($0)").offset }
        #expect(Set(offsets).count > 990)
        let days = Dictionary(grouping: offsets) { $0.microseconds / Duration.days(1).microseconds }
        #expect(days.count == 7)
        for day in days.values { #expect((90...200).contains(day.count)) }
    }

    @Test func `the newest full stays however old it is`() {
        let retention = Retention(window: .days(7), weeks: 0, months: 0)
        let old = Retention.Point(kind: .full, generation: 1, first: 5, usable: 6, at: Self.start)
        let plan = retention.plan([old], [Retention.Generation(number: 1, newestAt: Self.start)], at: Self.start + .days(700))
        #expect(plan.deleted == [])
        #expect(plan.keeps(6...6, of: 1))
        #expect(plan.keeps(900...901, of: 1))
        #expect(!plan.keeps(5...5, of: 1))
    }

    @Test func `before the first full of a generation is there, everything stays for it`() {
        let retention = Retention(window: .days(7), weeks: 0, months: 0)
        let generations = [1, 2].map { Retention.Generation(number: $0, newestAt: Self.start) }
        let plan = retention.plan([], generations, at: Self.start + .days(1))
        #expect(plan.keeps(1...1, of: 2) && plan.keeps(7...9, of: 2))
        #expect(!plan.keeps(1...1, of: 1))
    }

    @Test func `a clock that was put back deletes nothing`() {
        let retention = Retention(window: .days(7), weeks: 0, months: 0)
        let points = (0..<5).map { week -> Retention.Point in
            let first = UInt64(week * 10)
            return Retention.Point(kind: .full, generation: 1, first: first, usable: first, at: Self.start + .days(week * 7))
        }
        let plan = retention.plan(points, [Retention.Generation(number: 1, newestAt: Self.start + .days(28))], at: Self.start - .days(400))
        #expect(plan.deleted == [])
        #expect(plan.keeps(1...1, of: 1))
    }

    @Test func `an earlier generation stays as long as the window reaches into it`() {
        let retention = Retention(window: .days(14), weeks: 0, months: 0)
        let first = Retention.Point(kind: .full, generation: 1, first: 0, usable: 3, at: Self.start)
        let second = Retention.Point(kind: .full, generation: 2, first: 0, usable: 0, at: Self.start + .days(5))
        let generations = [
            Retention.Generation(number: 1, newestAt: Self.start + .days(4)),
            Retention.Generation(number: 2, newestAt: Self.start + .days(30)),
        ]
        #expect(retention.plan([first, second], generations, at: Self.start + .days(17)).deleted == [])
        let later = retention.plan([first, second], generations, at: Self.start + .days(19))
        #expect(later.deleted == [first])
        #expect(!later.keeps(1...9, of: 1))
        #expect(later.keeps(1...9, of: 2))
    }
}
