import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// A month of the calendar in UTC.
package struct CalendarMonth: Sendable, Hashable, Comparable {
    package let year: Int
    /// 1…12
    package let month: Int

    package init(of instant: Instant) {
        let parts = Self.parts(instant)
        (year, month) = (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1)
    }

    package static func < (left: Self, right: Self) -> Bool { (left.year, left.month) < (right.year, right.month) }

    /// Those that lie whole between two moments, the oldest first.
    package static func between(_ start: Instant, _ end: Instant) -> [CalendarMonth] {
        var (months, month, last) = ([CalendarMonth](), CalendarMonth(of: start).next, CalendarMonth(of: end))
        while month < last {
            months.append(month)
            month = month.next
        }
        return months
    }

    private init(year: Int, month: Int) { (self.year, self.month) = (year, month) }

    private var next: CalendarMonth { CalendarMonth(year: month == 12 ? year + 1 : year, month: month % 12 + 1) }

    /// The same day and time so many months later; 1 March where there is no 29 February.
    static func instant(_ months: Int, after instant: Instant) -> Instant {
        var parts = parts(instant)
        parts.tm_mon += Int32(months)
        return Instant(seconds: Int64(timegm(&parts)))
    }

    private static func parts(_ instant: Instant) -> tm {
        var seconds = time_t(instant.seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return parts
    }
}
