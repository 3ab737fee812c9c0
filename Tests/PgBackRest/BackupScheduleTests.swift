import Testing
import Vocabulary

@testable import PgBackRest

/// Full each week, differential each day, incremental every six hours.
@Suite struct BackupScheduleTests {
    private static let now = Instant(seconds: 1_795_000_000)

    private func backup(_ kind: Repository.Backup.Kind, _ age: Duration) -> Repository.Backup {
        let at = Self.now - age
        return .init(
            label: "\(kind) \(age)", kind: kind, startedAt: at, endedAt: at + .minutes(1), whole: 1, timeline: 1, size: 1, clusterSize: 1,
            hasErrors: false, needs: [], repository: 1, databases: [])
    }

    @Test func `the first one is full`() {
        #expect(BackupSchedule.due([], at: Self.now) == .full)
        #expect(BackupSchedule.due([backup(.differential, .hours(1)), backup(.incremental, .hours(1))], at: Self.now) == .full)
    }

    @Test func `each is due at its age and not before`() {
        #expect(BackupSchedule.due([backup(.full, .hours(5))], at: Self.now) == nil)
        #expect(BackupSchedule.due([backup(.full, .hours(6))], at: Self.now) == .incremental)
        #expect(BackupSchedule.due([backup(.full, .hours(20)), backup(.incremental, .hours(5))], at: Self.now) == nil)
        #expect(BackupSchedule.due([backup(.full, .days(1)), backup(.incremental, .hours(1))], at: Self.now) == .differential)
        #expect(
            BackupSchedule.due([backup(.full, .days(6)), backup(.differential, .hours(23)), backup(.incremental, .hours(7))], at: Self.now)
                == .incremental)
        #expect(BackupSchedule.due([backup(.full, .days(7)), backup(.differential, .hours(1))], at: Self.now) == .full)
    }

    @Test func `one of the future doesn't count`() {
        #expect(BackupSchedule.due([backup(.full, .zero - .days(30))], at: Self.now) == .full)
    }

    @Test func `after a failure it waits for half an hour`() {
        #expect(BackupSchedule.due([], failed: Self.now - .minutes(29), at: Self.now) == nil)
        #expect(BackupSchedule.due([], failed: Self.now - .minutes(30), at: Self.now) == .full)
        #expect(BackupSchedule.due([], failed: Self.now + .days(1), at: Self.now) == .full, "the clock went back")
    }

    @Test func `over a month there are a full each week, a differential on the other days, and no more`() {
        var backups: [Repository.Backup] = []
        var counts: [Repository.Backup.Kind: Int] = [:]
        for hour in 0..<(28 * 24) {
            let now = Self.now + .hours(hour)
            guard let kind = BackupSchedule.due(backups, at: now) else { continue }
            counts[kind, default: 0] += 1
            backups.append(backup(kind, .zero - .hours(hour)))
        }
        #expect(counts == [.full: 4, .differential: 24, .incremental: 84])
    }
}
