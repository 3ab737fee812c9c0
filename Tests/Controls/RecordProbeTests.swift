import Audit
import Controls
import Foundation
import Logging
import NIOSSL
import Records
import Storage
import TestSupport
import Testing
import Vocabulary

/// Probes that work with records, files, logs and the network.
@Suite struct RecordProbeTests {
    // MARK: DA-4, DA-5

    @Test func `DA-4 holds while deleted things come back`() async throws {
        let evidence = try await PlatformFixture().check("DA-4")
        #expect(evidence.holds, "\(evidence)")
    }

    @Test func `DA-4 turns when a deletion is for good`() async throws {
        let fixture = try await PlatformFixture(spoiling: [
            Migration("test_0001_gone") {
                $0.trigger(
                    "gone", after: "UPDATE ON record", when: "NEW.deleted_at IS NOT NULL", "DELETE FROM record WHERE number = NEW.number")
            }
        ])
        #expect(try await !fixture.check("DA-4").holds)
    }

    @Test func `DA-5 holds while each change leaves a version`() async throws {
        let evidence = try await PlatformFixture().check("DA-5")
        #expect(evidence.holds, "\(evidence)")
    }

    @Test func `DA-5 turns when a version is forgotten`() async throws {
        let fixture = try await PlatformFixture(spoiling: [
            Migration("test_0001_forgetful") {
                $0.trigger(
                    "forgetful", after: "INSERT ON record_version", when: "NEW.version = 2", "DELETE FROM record_version WHERE version = 2")
            }
        ])
        #expect(try await !fixture.check("DA-5").holds)
    }

    // MARK: DA-6

    @Test func `DA-6 holds while no file holds what was written, and says nothing of a server's disk`() async throws {
        let fixture = try await PlatformFixture()
        try await holds(fixture)
        guard !TestEngine.isPostgres else { return }
        #expect((try await fixture.check("DA-6").facts["files_searched"]?.integer ?? 0) > 0)
    }

    /// Where the databases are files, the promise is kept; where they lie on a server, nothing speaks against it.
    private func holds(_ fixture: PlatformFixture) async throws {
        do {
            let evidence = try await fixture.check("DA-6")
            #expect(evidence.holds && !TestEngine.isPostgres, "\(evidence)")
        } catch let error as CannotProbe {
            #expect(TestEngine.isPostgres && error.reason.contains("whose disk no node can look into"), "\(error.reason)")
        }
    }

    @Test func `DA-6 turns when something leaks into a file, even encoded`() async throws {
        let leak = try TemporaryDirectory()
        let fixture = try await PlatformFixture(wrapping: { SpoiledEngine(engine: $0, fault: .leaks(leak.path + "/debug.txt")) })
        try await holds(fixture)
        let evidence = try await fixture.check(
            "DA-6",
            on: fixture.changed { platform in
                let old = platform.directories
                platform.directories = .init(written: old.written + [leak.path], databases: old.databases, keyring: old.keyring)
            })
        #expect(!evidence.holds)
        #expect(evidence.summary.contains("debug.txt"))
        #expect(!evidence.json.text.contains(leak.path))
    }

    @Test func `DA-6 turns when a database is readable`() async throws {
        let fixture = try await PlatformFixture()
        let folder = fixture.directory.path + "/data"
        try Data("SQLite format 3\u{0} and so on".utf8).write(to: URL(filePath: folder + "/readable.db"))
        let beside = fixture.changed {
            $0.directories = .init(written: $0.directories.written, databases: folder, keyring: $0.directories.keyring)
        }
        #expect(try await !fixture.check("DA-6", on: beside).holds)
    }

    @Test func `what is searched for is found in every form and across buffers`() throws {
        let directory = try TemporaryDirectory()
        let word = "canary-0123456789"
        let search = FileSearch(for: word)
        let forms: [Data] = [
            Data(word.utf8), word.data(using: .utf16LittleEndian) ?? Data(), word.data(using: .utf16BigEndian) ?? Data(),
            Data(Data(("a" + word + "zz").utf8).base64EncodedString().utf8), Data(Data(("ab" + word).utf8).base64EncodedString().utf8),
            Data(Data(word.utf8).base64EncodedString().utf8), Data(word.utf8.map { String($0, radix: 16) }.joined().utf8),
            Data(word.utf8.map { String($0, radix: 16) }.joined().uppercased().utf8),
        ]
        for (number, form) in forms.enumerated() {
            for padding in [0, (1 << 20) - 5, 1 << 20] {
                let file = directory.url.appending(path: "file")
                try (Data(repeating: 0x63, count: padding) + form + Data(repeating: 0, count: 100)).write(to: file)
                let result = search.search([directory.path], since: SystemClock().now() - .minutes(1))
                #expect(!result.hits.isEmpty, "form \(number) after \(padding) bytes")
            }
        }
        try Data("canary-0123456788".utf8).write(to: directory.url.appending(path: "file"))
        #expect(search.search([directory.path], since: SystemClock().now() - .minutes(1)).hits.isEmpty)
    }

    // MARK: DA-7

    @Test func `DA-7 holds for a listener that speaks TLS 1.2 and 1.3 only`() async throws {
        let fixture = try await PlatformFixture()
        await #expect(throws: CannotProbe.self) { try await fixture.check("DA-7") }
        let server = try await TestListener()
        let evidence = try await fixture.check("DA-7", on: fixture.changed { $0.listener = server.listener })
        #expect(evidence.holds, "\(evidence)")
        await #expect(throws: CannotProbe.self) {
            let closed = Platform.Listener(host: "127.0.0.1", port: 1, serverName: "holdfast.test")
            return try await fixture.check("DA-7", on: fixture.changed { $0.listener = closed })
        }
    }

    @Test func `DA-7 turns for old versions, missing new ones and plain text`() async throws {
        let fixture = try await PlatformFixture()
        for server in [
            try await TestListener(minimum: .tlsv1), try await TestListener(minimum: .tlsv11), try await TestListener(maximum: .tlsv12),
            try await TestListener(tls: false),
        ] {
            let evidence = try await fixture.check("DA-7", on: fixture.changed { $0.listener = server.listener })
            #expect(!evidence.holds, "\(evidence)")
        }
    }

    // MARK: LG-1

    @Test func `LG-1 holds while changes need their log entry`() async throws {
        let evidence = try await PlatformFixture().check("LG-1")
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["changes_refused"] == 10)
    }

    @Test func `LG-1 turns when changes go through without`() async throws {
        let fixture = try await PlatformFixture(wrapping: { SpoiledEngine(engine: $0, fault: .forgetsAudit) })
        #expect(try await !fixture.check("LG-1").holds)
    }

    // MARK: LG-2

    @Test func `LG-2 holds while logs hold nothing of what was sent, and turns when they do`() async throws {
        let fixture = try await PlatformFixture()
        let log = RecentLog()
        let discreet = try await TestListener(log: { _ in log.note("a request was answered with 404") })
        let evidence = try await fixture.check(
            "LG-2",
            on: fixture.changed {
                $0.listener = discreet.listener
                $0.recentLog = log
            })
        #expect(evidence.holds, "\(evidence)")

        let talkative = try await TestListener(log: { log.note("answered 404 to \($0.prefix(60))") })
        let turned = try await fixture.check(
            "LG-2",
            on: fixture.changed {
                $0.listener = talkative.listener
                $0.recentLog = log
            })
        #expect(!turned.holds)

        let silent = try await TestListener()
        #expect(
            try await !fixture.check(
                "LG-2",
                on: fixture.changed {
                    $0.listener = silent.listener
                    $0.recentLog = RecentLog()
                }
            ).holds, "a log that nothing is written to proves nothing")
    }

    @Test func `recent lines are kept with their metadata, the oldest going first`() {
        let log = RecentLog(capacity: 3)
        var logger = Logger(label: "test", factory: { log.handler(label: $0) })
        logger[metadataKey: "request"] = "r-1"
        for number in 0..<5 { logger.info("line \(number)", metadata: ["more": "m"]) }
        let (lines, total) = log.snapshot()
        #expect(total == 5)
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.contains("r-1") && $0.contains("more") })
        #expect(!lines.contains { $0.contains("line 1") })
    }

    // MARK: LG-3

    @Test func `LG-3 holds while all logs verify`() async throws {
        let fixture = try await PlatformFixture()
        try await write(fixture, "acme")
        for _ in 0..<2 {
            let evidence = try await fixture.check("LG-3")
            #expect(evidence.holds, "\(evidence)")
            #expect(evidence.facts["logs"] == 4)
        }
    }

    @Test func `LG-3 turns when an entry is changed`() async throws {
        let fixture = try await PlatformFixture()
        try await write(fixture, "acme")
        #expect(try await fixture.check("LG-3").holds)
        let database = try await fixture.tenants.database(of: fixture.place("acme").id)
        try await fixture.tamper(
            "UPDATE audit_entry SET body = replace(body, 'editor', 'reader')", in: database)
        #expect(try await !fixture.check("LG-3").holds)
    }

    @Test func `LG-3 turns when an environment's database is put back to an older copy`() async throws {
        let fixture = try await PlatformFixture()
        try await write(fixture, "acme")
        try await write(fixture, "acme")
        #expect(try await fixture.check("LG-3").holds)
        let database = try await fixture.tenants.database(of: fixture.place("acme").id)
        // As if it never had more than nothing, signatures included.
        try await fixture.tamper(
            "DELETE FROM audit_entry", "DELETE FROM audit_checkpoint",
            "UPDATE audit_frontier SET size = 0, hashes = substr(hashes, 1, 0)", in: database)
        #expect(try await !fixture.check("LG-3").holds)
    }

    private func write(_ fixture: PlatformFixture, _ label: String) async throws {
        let database = try await fixture.tenants.database(of: fixture.place(label).id)
        let now = fixture.clock.now()
        try await database.write { try fixture.audit.record(.roleDefined(role: "editor"), by: PlatformFixture.operator_, at: now, in: $0) }
    }
}

extension Dialect {
    /// A trigger of a few words in this dialect.
    func trigger(_ name: SQLName, after event: SQL, when condition: SQL, _ action: SQL) -> [SQL] {
        switch self {
        case .sqlite: ["CREATE TRIGGER \(name) AFTER \(event) WHEN \(condition) BEGIN \(action); END"]
        case .postgres:
            [
                "CREATE FUNCTION \(name)() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(action); RETURN NULL; END $$",
                "CREATE TRIGGER \(name) AFTER \(event) FOR EACH ROW WHEN (\(condition)) EXECUTE FUNCTION \(name)()",
            ]
        }
    }
}
