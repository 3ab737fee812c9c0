import Tenants
import Vocabulary

/// What of an archive is to be made, what is kept and why, and what may go: values only, decided from what there is and what time it is.
///
/// A full is made once a week and a differential once a day, in slots of this database's own, so that ten thousand databases don't begin at
/// the same minute. The first full of each week and of each month is kept beyond the window.
package struct Retention: Sendable, Hashable {
    /// Any commit this recent can be restored.
    package let window: Duration
    /// How long the first full of a week is kept; zero where the edition has none.
    package let weeks: Int
    /// How long the first full of a month is kept; zero where the edition has none.
    package let months: Int
    /// When a week and a day begin for this database, after Monday and midnight, UTC.
    package let offset: Duration

    package static let week = Duration.days(7)
    package static let day = Duration.days(1)
    /// 1970-01-05, the first Monday.
    private static let firstMonday = Instant(seconds: 4 * 86_400)

    package init(window: Duration, weeks: Int, months: Int, offset: Duration = .zero) {
        self.window = window
        self.weeks = weeks
        self.months = months
        self.offset = offset
    }

    /// What an edition promises an environment of a kind, with slots spread by the environment's name.
    package init(_ edition: Edition, _ kind: HostedEnvironment.Kind, of database: String) {
        let promised = edition.retention(of: kind)
        // Every process has to come to the same slots, so not Swift's seeded hash.
        let spread = database.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        self.init(
            window: promised.pointInTime, weeks: promised.weeklyBackups, months: promised.monthlyBackups,
            offset: .seconds(Int64(spread % UInt64(Self.week.microseconds / 1_000_000))))
    }

    /// A base, or the pages that changed since one.
    package struct Point: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case full
            /// Since the full that all entries to this one are in.
            case differential(since: UInt64)
        }

        package let kind: Kind
        package let generation: UInt32
        /// All entries up to this one are in it.
        package let first: UInt64
        /// Entries after ``first`` that it is of no use without.
        package let usable: UInt64
        /// When it was whole: it restores nothing that was committed later.
        package let at: Instant

        package init(kind: Kind, generation: UInt32, first: UInt64, usable: UInt64, at: Instant) {
            self.kind = kind
            self.generation = generation
            self.first = first
            self.usable = usable
            self.at = at
        }

        package init(_ differential: Differential) {
            self.init(
                kind: .differential(since: differential.since), generation: differential.generation, first: differential.to,
                usable: differential.to, at: differential.time)
        }

        package init(_ base: Base) {
            self.init(kind: .full, generation: base.generation, first: base.first, usable: base.usable, at: base.endedAt)
        }
    }

    package struct Generation: Sendable, Hashable {
        package let number: UInt32
        /// Of its newest entry, or of its opening where it has none.
        package let newestAt: Instant

        package init(number: UInt32, newestAt: Instant) {
            self.number = number
            self.newestAt = newestAt
        }
    }

    // MARK: What to make

    /// What is to be made now.
    package func due(_ points: [Point], generation: UInt32, at now: Instant) -> Due? {
        let points = points.filter { $0.generation == generation }
        guard let full = points.filter({ $0.kind == .full }).map(\.at).max() else { return .full }
        if slot(full, Self.week) < slot(now, Self.week) { return .full }
        guard let newest = points.map(\.at).max(), slot(newest, Self.day) < slot(now, Self.day) else { return nil }
        return .differential
    }

    package enum Due: Sendable, Hashable { case full, differential }

    /// Which of the weeks or days of this database `instant` lies in.
    package func slot(_ instant: Instant, _ length: Duration) -> Int64 {
        let (quotient, remainder) = (instant - offset - Self.firstMonday).microseconds.quotientAndRemainder(dividingBy: length.microseconds)
        return remainder < 0 ? quotient - 1 : quotient
    }

    // MARK: What to keep

    package enum Reason: Sendable, Hashable {
        /// The newest, whatever its age.
        case newest
        /// A moment within the window is restored from it.
        case window
        case week
        case month
        /// A differential that is kept builds on it.
        case foundation
    }

    package struct Plan: Sendable {
        package struct Kept: Sendable {
            package let point: Point
            package let reasons: Set<Reason>
        }

        package let kept: [Kept]
        package let deleted: [Point]
        /// For each generation the entries that must stay.
        let entries: [UInt32: [ClosedRange<UInt64>]]

        /// Whether a segment with these entries must stay.
        package func keeps(_ segment: ClosedRange<UInt64>, of generation: UInt32) -> Bool {
            entries[generation]?.contains { $0.overlaps(segment) } ?? false
        }
    }

    package func plan(_ points: [Point], _ generations: [Generation], at now: Instant) -> Plan {
        var reasons: [Point: Set<Reason>] = [:]
        var entries: [UInt32: [ClosedRange<UInt64>]] = [:]
        let fulls = points.filter { $0.kind == .full }.sorted { $0.at < $1.at }
        func keep(_ point: Point, _ reason: Reason) {
            reasons[point, default: []].insert(reason)
            if point.usable > point.first { entries[point.generation, default: []].append(point.first + 1...point.usable) }
            guard case .differential(let since) = point.kind else { return }
            if let full = fulls.last(where: { $0.generation == point.generation && $0.first == since }) { keep(full, .foundation) }
        }

        let start = now - window
        let newest = generations.map(\.number).max()
        for generation in generations where generation.newestAt >= start || generation.number == newest {
            let own = points.filter { $0.generation == generation.number }.sorted { $0.at < $1.at }
            // Whatever the window begins in is restored from the newest point before it.
            guard let first = own.last(where: { $0.at <= start }) ?? own.first(where: { $0.kind == .full }) else {
                // Its first full is being made, and needs what is written meanwhile.
                if generation.number == newest { entries[generation.number, default: []].append(1...UInt64.max) }
                continue
            }
            for point in own where point == first || point.at > start { keep(point, .window) }
            entries[generation.number, default: []].append(first.first + 1...UInt64.max)
        }
        if let last = fulls.last(where: { $0.generation == newest }) ?? fulls.last { keep(last, .newest) }
        for full in firsts(fulls, { slot($0.at, Self.week) }) where full.at + Self.week * weeks > now { keep(full, .week) }
        for full in firsts(fulls, { CalendarMonth(of: $0.at) }) where CalendarMonth.instant(months, after: full.at) > now {
            keep(full, .month)
        }

        return Plan(
            kept: points.filter { reasons[$0] != nil }.map { Plan.Kept(point: $0, reasons: reasons[$0] ?? []) },
            deleted: points.filter { reasons[$0] == nil }, entries: entries)
    }

    /// The first of each group, of what is sorted by time.
    private func firsts<Group: Hashable>(_ points: [Point], _ group: (Point) -> Group) -> [Point] {
        var seen: Set<Group> = []
        return points.filter { seen.insert(group($0)).inserted }
    }
}
