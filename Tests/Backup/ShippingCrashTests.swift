import Backup
import Foundation
import ObjectStores
import Storage
import StorageSQLite
import TestSupport
import Testing
import Threads
import Vocabulary

/// `crash.kill9` with shipping on: a server is killed again and again while it writes and ships. When it has started again, its archive has
/// every write that it had acknowledged, without a new generation.
///
/// `HOLDFAST_CRASH_CYCLES` sets the number of kills: 40 in the everyday run.
@Suite(.serialized) struct ShippingCrashTests {
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

    @Test(.timeLimit(.minutes(60))) func `kill -9 loses no acknowledged write from the archive`() async throws {
        let cycles = ProcessInfo.processInfo.environment["HOLDFAST_CRASH_CYCLES"].flatMap { Int($0) } ?? 40
        let home = try TemporaryDirectory()
        let archive = try Archive(try await FileSystemStore(directory: home.path + "/objects"), database: "control")
        var newest: [String: Int] = [:]
        var acknowledged = 0
        for cycle in 0..<cycles {
            let process = try Self.writer(home, "ship")
            let output = OwnThread { process.readToEnd() }
            try await Task.sleep(for: .milliseconds(70 + cycle * 37 % 90))
            kill(process.id, SIGKILL)
            for line in String(decoding: await output.value, as: UTF8.self).split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count == 2, let number = Int(words[1]) else { continue }
                newest[String(words[0])] = max(newest[String(words[0])] ?? -1, number)
                acknowledged += 1
            }
            #expect(process.wait() == .signalled(SIGKILL))
            guard cycle % 8 == 7 || cycle == cycles - 1 else { continue }

            let again = try Self.writer(home, "catch-up")
            _ = again.readToEnd()
            #expect(again.wait() == .exited(0))
            let path = "\(home.path)/restored-\(cycle)"
            _ = try await Restoration(archive, threads: BoundedThreads(2, waiting: 100)).restore(.newest, to: path + ".db")
            let engine = try SQLiteEngine(directory: path)
            try await engine.adopt(.control, from: path + ".db")
            let key = Secret((0..<32).map { UInt8($0) })
            #expect(try await engine.integrityProblems(of: .control, key: { key }) == [])
            let database = try await engine.open(.control, schema: Self.schema) { key }
            for row in try await database.read({ try $0.rows("SELECT writer, count(*), max(number) FROM written GROUP BY writer") }) {
                let (writer, count, last): (Int, Int, Int) = (try row.get(0), try row.get(1), try row.get(2))
                #expect(count == last + 1, "writer \(writer) has a gap after cycle \(cycle)")
                #expect(last >= newest["\(writer)"] ?? -1, "writer \(writer) lost rows after cycle \(cycle)")
            }
            await engine.shutdown()
        }
        #expect(acknowledged > cycles)
        #expect(try await archive.catalogue().generations.map(\.opening.reason) == [.first])
        #expect(try await archive.verify().findings == [])
    }

    /// The machine is lost with its disk: what is left is the archive as it was at that moment.
    @Test(.timeLimit(.minutes(60))) func `in synchronous mode the archive alone has every acknowledged write`() async throws {
        let cycles = ProcessInfo.processInfo.environment["HOLDFAST_CRASH_CYCLES"].flatMap { Int($0) } ?? 6
        var acknowledged = 0
        for cycle in 0..<cycles {
            let home = try TemporaryDirectory()
            let process = try Self.writer(home, "confirm")
            let output = OwnThread { process.readToEnd() }
            try await Task.sleep(for: .milliseconds(400 + cycle * 37 % 90))
            kill(process.id, SIGKILL)
            var newest: [String: Int] = [:]
            for line in String(decoding: await output.value, as: UTF8.self).split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count == 2, let number = Int(words[1]) else { continue }
                newest[String(words[0])] = max(newest[String(words[0])] ?? -1, number)
                acknowledged += 1
            }
            _ = process.wait()
            try FileManager.default.removeItem(atPath: home.path + "/data")
            guard !newest.isEmpty else { continue }
            let archive = try Archive(try await FileSystemStore(directory: home.path + "/objects"), database: "control")
            _ = try await Restoration(archive, threads: BoundedThreads(2, waiting: 100)).restore(.newest, to: home.path + "/restored.db")
            let engine = try SQLiteEngine(directory: home.path + "/restored")
            try await engine.adopt(.control, from: home.path + "/restored.db")
            let database = try await engine.open(.control, schema: Self.schema) { Secret((0..<32).map { UInt8($0) }) }
            for (writer, number) in newest {
                let last = try await database.read {
                    try $0.value("SELECT max(number) FROM written WHERE writer = \(Int(writer) ?? -1)", as: Int.self) ?? -1
                }
                #expect(last >= number, "writer \(writer) was told of \(number) in cycle \(cycle)")
            }
            await engine.shutdown()
        }
        #expect(acknowledged > cycles)
    }

    private static func writer(_ home: TemporaryDirectory, _ verb: String) throws -> ChildProcess {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        return try ChildProcess(folder.appendingPathComponent("CrashWriter").path, [home.path + "/data", verb, home.path + "/objects"])
    }
}
