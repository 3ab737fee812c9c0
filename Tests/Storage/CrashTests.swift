import Foundation
import Glibc
import Storage
import StorageSQLite
import TestSupport
import Testing
import Vocabulary

/// `crash.kill9`: a writer is killed again and again while it writes; what it called written is there.
///
/// `HOLDFAST_CRASH_CYCLES` sets the number of kills: 100 in the everyday run, 10,000 before a release.
@Suite(.serialized) struct CrashTests {
    private static let schema = Schema(
        name: "crash",
        [
            Migration(
                "crash_0001",
                [
                    "CREATE TABLE written (writer INTEGER NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (writer, number)) STRICT",
                    "CREATE INDEX written_body ON written (body)",
                ])
        ])

    @Test(.timeLimit(.minutes(60))) func `kill -9 loses no acknowledged write`() async throws {
        let cycles = ProcessInfo.processInfo.environment["HOLDFAST_CRASH_CYCLES"].flatMap { Int($0) } ?? 100
        let fixture = try TemporaryDirectory()
        let key = Secret((0..<32).map { UInt8($0) })
        let data = fixture.path + "/data"
        var newest: [Int: Int] = [:]
        var acknowledged = 0
        for cycle in 0..<cycles {
            for (writer, numbers) in try Self.writeAndKill(data, after: .milliseconds(60 + cycle * 37 % 70)) {
                acknowledged += numbers.count
                newest[writer] = max(newest[writer] ?? -1, numbers.max() ?? -1)
            }
            guard cycle % 10 == 9 || cycle == cycles - 1 else { continue }
            let engine = try SQLiteEngine(directory: data)
            let database = try await engine.open(.control, schema: Self.schema) { key }
            let rows = try await database.read { try $0.rows("SELECT writer, count(*), max(number) FROM written GROUP BY writer") }
            var found: [Int: Int] = [:]
            for row in rows {
                let writer: Int = try row.get(0)
                let count: Int = try row.get(1)
                let last: Int = try row.get(2)
                // Each writer counts on only after an acknowledgement, so its rows have no gaps.
                #expect(count == last + 1, "writer \(writer) has a gap after cycle \(cycle)")
                found[writer] = last
            }
            for (writer, last) in newest { #expect((found[writer] ?? -1) >= last, "writer \(writer) lost rows after cycle \(cycle)") }
            #expect(try await engine.integrityProblems(of: .control, key: { key }) == [])
            await engine.shutdown()
        }
        #expect(acknowledged > cycles)
    }

    @Test(.timeLimit(.minutes(5))) func `after a commit that the disk refused nothing is written until the database is opened again`()
        throws
    {
        let fixture = try TemporaryDirectory()
        let process = try Self.writer([fixture.path + "/data", "limit", "300000"])
        let lines = String(decoding: process.readToEnd(), as: UTF8.self).split(separator: "\n")
        #expect(process.wait() == .exited(0))
        let acknowledged = lines.count { $0.hasPrefix("0 ") }
        #expect(acknowledged > 5)
        #expect(
            lines.dropFirst(acknowledged).prefix(5) == [
                "disk failed under control", "failed inDoubt", "refused inDoubt", "refused inDoubt", "refused inDoubt",
            ])
        let found = try #require(lines.first { $0.hasPrefix("found ") }.flatMap { Int($0.dropFirst(6)) })
        #expect((acknowledged...acknowledged + 1).contains(found))
        #expect(lines.last == "2 0")
    }

    private static func writer(_ arguments: [String]) throws -> ChildProcess {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        return try ChildProcess(folder.appendingPathComponent("CrashWriter").path, arguments)
    }

    /// Runs the writer for a while, kills it, and gives what it said it had written.
    private static func writeAndKill(_ data: String, after delay: Duration) throws -> [Int: [Int]] {
        let process = try writer([data])
        usleep(UInt32(delay.microseconds))
        kill(process.id, SIGKILL)
        let output = String(decoding: process.readToEnd(), as: UTF8.self)
        #expect(process.wait() == .signalled(SIGKILL), "the writer ended by itself")
        var acknowledged: [Int: [Int]] = [:]
        for line in output.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ").compactMap { Int($0) }
            if words.count == 2 { acknowledged[words[0], default: []].append(words[1]) }
        }
        return acknowledged
    }
}
