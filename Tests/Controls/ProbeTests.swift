import Audit
import Foundation
import Identity
import OIDCProvider
import Records
import Sealing
import Storage
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Controls

/// Each probe on a platform that keeps the promise, and on one that breaks it.
@Suite struct ProbeTests {
    // MARK: ID-2

    @Test func `ID-2 holds while only strong hashes are kept`() async throws {
        let fixture = try await PlatformFixture()
        try await fixture.session()
        try await password("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI", fixture)
        let evidence = try await fixture.check("ID-2")
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["credentials"] == 1)
    }

    @Test(arguments: [
        "correct horse battery staple", "5f4dcc3b5aa765d61d8327deb882cf99", "$2b$12$C6UzMDM.H6dfI/f/IKxGhuKz1u5Cmhl4rHPbWw0fKZ6p8a5cAh8mW",
        "",
        "$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
        "$argon2id$v=19$m=19456,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
        "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
    ])
    func `ID-2 turns when a password is kept in another way`(kept: String) async throws {
        let fixture = try await PlatformFixture()
        try await fixture.session()
        try await password(kept, fixture)
        #expect(try await !fixture.check("ID-2").holds)
    }

    @Test func `ID-2 turns when another column could hold a password, or a route sets somebody's`() async throws {
        let fixture = try await PlatformFixture()
        #expect(try await fixture.check("ID-2").holds)
        let route = fixture.changed { $0.routes.append(.init(door: "apex", method: "PUT", path: "/accounts/{account}/password")) }
        #expect(try await !fixture.check("ID-2", on: route).holds)
        try await fixture.tamper("ALTER TABLE account ADD COLUMN old_password TEXT")
        #expect(try await !fixture.check("ID-2").holds)
    }

    private func password(_ hash: String, _ fixture: PlatformFixture) async throws {
        let now = fixture.clock.now()
        try await fixture.tamper("INSERT INTO password (account, hash, set_at) SELECT id, \(hash), \(now) FROM account LIMIT 1")
    }

    // MARK: ID-3

    @Test func `ID-3 holds for the rule in force and turns for a lax one`() async throws {
        let fixture = try await PlatformFixture()
        let evidence = try await fixture.check("ID-3")
        #expect(evidence.holds, "\(evidence)")
        var short = PasswordPolicy()
        short.shortest = 4
        var cramped = PasswordPolicy()
        cramped.longest = 20
        for lax in [short, cramped, PasswordPolicy(classic: true)] {
            #expect(try await !PasswordRule { _ in lax }.check(fixture.platform).holds)
        }
    }

    // MARK: ID-4

    @Test func `ID-4 holds while every session was opened with two factors`() async throws {
        let fixture = try await PlatformFixture()
        try await fixture.session()
        let evidence = try await fixture.check("ID-4")
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["live_sessions"] == 2)
    }

    @Test func `ID-4 turns when a session reaches data without a factor`() async throws {
        let unfinished = try await PlatformFixture()
        try await unfinished.session(childStage: "factor")
        #expect(try await !unfinished.check("ID-4").holds)
        let parent = try await PlatformFixture()
        try await parent.session(stage: "enrolment")
        #expect(try await !parent.check("ID-4").holds)
        let bare = try await PlatformFixture()
        try await bare.session(factor: false)
        #expect(try await !bare.check("ID-4").holds)
        let single = try await PlatformFixture()
        try await single.session()
        try await single.tamper("UPDATE session SET methods = 'pwd'")
        #expect(try await !single.check("ID-4").holds)
        // A passkey that nobody unlocked is one factor, and a word twice is one word.
        for methods in ["pop user", "pwd user", "mfa user"] {
            try await single.tamper("UPDATE session SET methods = \(methods)")
            #expect(try await !single.check("ID-4").holds, "\(methods)")
        }
    }

    @Test func `ID-4 holds for who signed in by a passkey, with a password or alone`() async throws {
        let fixture = try await PlatformFixture()
        try await fixture.session()
        try await fixture.tamper("INSERT INTO passkey_user (account, handle) SELECT id, 'handle' FROM account")
        try await fixture.tamper(
            """
            INSERT INTO passkey (id, account, credential, public_key, sign_count, name, aaguid, transports, user_verified, backup_eligible,
                backed_up, created_at)
            SELECT id, id, 'AA', \([UInt8](arrayLiteral: 1)), 0, 'Passkey', '', '', 1, 0, 0, 0 FROM account
            """)
        try await fixture.tamper("DELETE FROM totp_factor")
        for methods in ["pwd pop user", "pop user mfa", "pop user swk mfa"] {
            try await fixture.tamper("UPDATE session SET methods = \(methods)")
            let evidence = try await fixture.check("ID-4")
            #expect(evidence.holds, "\(evidence)")
        }
        try await fixture.tamper("DELETE FROM passkey")
        #expect(try await !fixture.check("ID-4").holds)
    }

    @Test func `ID-4 turns when a passkey alone reaches data where the customer takes none`() async throws {
        let fixture = try await PlatformFixture()
        try await fixture.session()
        try await fixture.tamper("UPDATE session SET methods = 'pop user mfa'")
        #expect(try await fixture.check("ID-4").holds)
        try await fixture.tamper(
            "INSERT INTO sign_in_rule (tenant, passkey_alone) SELECT DISTINCT tenant, 0 FROM session WHERE tenant IS NOT NULL")
        #expect(try await !fixture.check("ID-4").holds)
        try await fixture.tamper("UPDATE session SET methods = 'pop user mfa otp'")
        #expect(try await fixture.check("ID-4").holds)
    }

    // MARK: ID-10

    @Test func `ID-10 holds while attempts are logged, again and again`() async throws {
        let fixture = try await PlatformFixture()
        for _ in 0..<4 {
            let evidence = try await fixture.check("ID-10")
            #expect(evidence.holds, "\(evidence)")
        }
    }

    @Test func `ID-10 turns when attempts go unlogged`() async throws {
        let fixture = try await PlatformFixture()
        let other = try await PlatformFixture()
        // The log that is looked at is not the one that attempts are written to.
        #expect(try await !fixture.check("ID-10", on: fixture.changed { $0.control = other.control }).holds)
    }

    // MARK: ID-15

    @Test func `ID-15 holds while nobody can act as another`() async throws {
        let fixture = try await PlatformFixture()
        try await fixture.session()
        let evidence = try await fixture.check("ID-15")
        #expect(evidence.holds, "\(evidence)")
        await #expect(throws: CannotProbe.self) { try await fixture.check("ID-15", on: fixture.changed { $0.routes = [] }) }
    }

    @Test(arguments: ["/accounts/{account}/impersonate", "/sign-in-as/{account}", "/console/Act-As", "/support/sudo"])
    func `ID-15 turns when a route lets somebody act as another`(path: String) async throws {
        let fixture = try await PlatformFixture()
        let changed = fixture.changed { $0.routes.append(.init(door: "apex", method: "POST", path: path)) }
        #expect(try await !fixture.check("ID-15", on: changed).holds)
    }

    @Test func `ID-15 turns when a session is not its owner's`() async throws {
        let fixture = try await PlatformFixture()
        try await fixture.session(account: fixture.id(), child: fixture.id())
        #expect(try await !fixture.check("ID-15").holds)

        let started = try await PlatformFixture()
        try await started.session()
        let session = try #require(try await started.control.read { try $0.value("SELECT id FROM session LIMIT 1", as: SessionID.self) })
        let now = started.clock.now()
        let stranger = Principal(.account(started.id()))
        try await started.control.write { try started.audit.record(.sessionStarted(session: session), by: stranger, at: now, in: $0) }
        #expect(try await !started.check("ID-15").holds)

        let column = try await PlatformFixture()
        try await column.tamper("ALTER TABLE session ADD COLUMN impersonator TEXT")
        #expect(try await !column.check("ID-15").holds)
    }

    // MARK: AZ-1

    @Test func `AZ-1 holds while roles allow and refuse as they should`() async throws {
        let evidence = try await PlatformFixture().check("AZ-1")
        #expect(evidence.holds, "\(evidence)")
    }

    @Test func `AZ-1 turns when a role has other rights than promised`() async throws {
        let fixture = try await PlatformFixture()
        let evidence = try await RolesHold(promised: [Role.editor: .init(everywhere: [.view])]).check(fixture.platform)
        #expect(!evidence.holds)
        #expect(evidence.facts["problems"]?.array?.contains("editor has edit") == true)
    }

    @Test func `AZ-1 turns when a role gets rights that nobody gave, or keeps those that were taken`() async throws {
        let wider = try await PlatformFixture(spoiling: [
            Migration("test_0001_wider") {
                $0.trigger(
                    "wider", after: "INSERT ON role_permission", when: "NEW.permission = 'create' AND NEW.role = 'clerk'",
                    "INSERT INTO role_permission (role, collection, permission) VALUES (NEW.role, NEW.collection, 'delete')")
            }
        ])
        let evidence = try await wider.check("AZ-1")
        #expect(evidence.facts["problems"]?.array?.contains("a clerk could delete what they may only add to") == true, "\(evidence)")
    }

    // MARK: AZ-6

    @Test func `AZ-6 holds while customers are apart`() async throws {
        let fixture = try await PlatformFixture()
        let evidence = try await fixture.check("AZ-6", on: fixture.changed { $0.tokens = tokens { $0 == $1 } })
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["foreign_keys_tried"] == 3)
        #expect(evidence.facts["tokens_tried"] == 3)
    }

    @Test func `AZ-6 tries the provider's own tokens`() async throws {
        let fixture = try await PlatformFixture()
        let plane = fixture.platform.plane
        let keys = SigningKeys(plane, sealer: try fixture.keyring.sealer(for: .control, purpose: .sealedColumns))
        try await keys.prepare()
        let trial = AudienceTrial(plane, keys: keys, verifier: TokenVerifier(plane, keys: keys))
        let evidence = try await fixture.check(
            "AZ-6", on: fixture.changed { $0.tokens = .init(trial) { "https://\($0).holdfast.test" } })
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["tokens_tried"] == 3)
        let token = try await trial.issue(for: "https://acme.holdfast.test")
        await #expect(throws: BearerError.self, "no interface takes a token of a trial") {
            try await TokenVerifier(plane, keys: keys).verify(token, audience: "https://acme.holdfast.test", from: nil)
        }
    }

    @Test func `AZ-6 turns when a token is taken at another host`() async throws {
        let fixture = try await PlatformFixture()
        #expect(try await !fixture.check("AZ-6", on: fixture.changed { $0.tokens = tokens { _, _ in true } }).holds)
        #expect(try await !fixture.check("AZ-6", on: fixture.changed { $0.tokens = tokens { token, _ in token.hasPrefix("for ") } }).holds)
    }

    @Test func `AZ-6 turns when a database opens with another owner's key`() async throws {
        let fixture = try await PlatformFixture()
        let odd = Platform.Place(id: fixture.id(), tenant: fixture.id(), label: "odd", engine: fixture.platform.engines.home)
        let key = try fixture.keyring.subkey(for: .control, purpose: .database)
        try await fixture.engine.create(.environment(odd.id), key: key, schema: fixture.platform.environmentSchema) { _ in }
        #expect(try await !fixture.check("AZ-6", on: fixture.changed { $0.places = { [odd] } }).holds)
    }

    private func tokens(_ accepts: @escaping @Sendable (String, String) -> Bool) -> Platform.TokenTrial {
        Platform.TokenTrial(audience: { "for \($0)" }, issue: { $0 }, accepts: { accepts($0, $1) })
    }

    // MARK: TN-1

    @Test func `TN-1 holds while each environment has its own`() async throws {
        let evidence = try await PlatformFixture().check("TN-1")
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["distinct_keys"] == 4)
    }

    @Test func `TN-1 turns when a database or key is missing or shared`() async throws {
        let fixture = try await PlatformFixture()
        let acme = try await fixture.place("acme")
        #expect(try await !fixture.check("TN-1", on: fixture.changed { $0.places = { [acme, acme] } }).holds)
        let ghost = Platform.Place(id: fixture.id(), tenant: acme.tenant, label: "ghost", engine: fixture.platform.engines.home)
        #expect(try await !fixture.check("TN-1", on: fixture.changed { $0.places = { [acme, ghost] } }).holds)
        try fixture.keyring.create(for: .database(ghost.id, copy: 1))
        let evidence = try await fixture.check("TN-1", on: fixture.changed { $0.places = { [acme, ghost] } })
        #expect(evidence.facts["problems"] == ["environment \(ghost.id) has no database".json])
        try await fixture.tamper("CREATE TABLE record (id TEXT)")
        #expect(try await !fixture.check("TN-1").holds)
    }

    // MARK: TN-9

    @Test func `TN-9 holds while a move loses nothing`() async throws {
        let fixture = try await PlatformFixture()
        let evidence = try await fixture.check("TN-9")
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["written_meanwhile"] != 0)
        #expect(try await fixture.check("DA-8").holds)
    }

    @Test func `TN-9 turns when a move loses a write`() async throws {
        let fixture = try await PlatformFixture()
        let lost = Mutex(false)
        let movable = Movable { rows in
            guard rows.count > 10, !lost.withLock({ $0 }) else { return rows }
            lost.withLock { $0 = true }
            return Array(rows.dropLast())
        }
        let evidence = try await movable.check(fixture.platform)
        #expect(lost.withLock { $0 })
        #expect(!evidence.holds, "\(evidence)")
        #expect(try await fixture.check("DA-8").holds, "what the failed move left is removed")
    }

    // MARK: DA-8

    @Test func `DA-8 holds while keys are one each and locked`() async throws {
        let evidence = try await PlatformFixture().check("DA-8")
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["keys"] == 7)
    }

    @Test func `DA-8 turns when a key is missing, left over, spoilt, copied or exposed`() async throws {
        let fixture = try await PlatformFixture()
        let keys = fixture.platform.directories.keyring ?? ""
        let acme = try await fixture.place("acme").id
        let umbra = try await fixture.place("umbra").id
        let file = "\(keys)/environment-\(acme).key"
        let content = try Data(contentsOf: URL(filePath: file))

        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        #expect(try await !fixture.check("DA-8").holds)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        #expect(try await fixture.check("DA-8").holds)

        for left in [KeyOwner.environment(fixture.id()), .database(acme, copy: 2)] {
            try fixture.keyring.create(for: left)
            #expect(try await !fixture.check("DA-8").holds)
            try fixture.keyring.destroy(for: left)
        }

        try Data(contentsOf: URL(filePath: "\(keys)/environment-\(umbra).key")).write(to: URL(filePath: file))
        #expect(try await !fixture.check("DA-8").holds)
        try content.write(to: URL(filePath: file))
        try fixture.keyring.destroy(for: .environment(acme))
        #expect(try await !fixture.check("DA-8").holds)
    }

    @Test func `DA-8 turns when the master key lies beside the data, and says so where that is allowed`() async throws {
        let fixture = try await PlatformFixture()
        #expect(try await fixture.check("DA-8").facts["master_key"] == "elsewhere")
        let path = try #require(fixture.platform.directories.written.first) + "/master.key"
        try Data("key".utf8).write(to: URL(filePath: path))
        #expect(try await !fixture.check("DA-8").holds)
        let development = try await fixture.check("DA-8", on: fixture.changed { $0.apex = "holdfast.localhost" })
        #expect(development.holds)
        #expect(development.facts["master_key"] == "beside the data")
    }

    @Test func `DA-8 turns when keyring and databases lie together`() async throws {
        let fixture = try await PlatformFixture()
        let directories = fixture.platform.directories
        let mixed = fixture.changed {
            $0.directories = .init(
                written: directories.written, databases: (directories.keyring ?? "") + "/..", keyring: directories.keyring)
        }
        #expect(try await !fixture.check("DA-8", on: mixed).holds)
    }
}

extension String {
    fileprivate var json: JSONValue { .string(self) }
}
