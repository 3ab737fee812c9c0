import Audit
import Controls
import Foundation
import Identity
import Storage
import TestSupport
import Testing
import Vocabulary

/// The probes of what stands around the server: other nodes, the database server, a proxy.
@Suite struct AvailabilityProbeTests {
    // MARK: AV-1

    @Test func `AV-1 holds for two nodes, turns for one, and says nothing of files`() async throws {
        let fixture = try await PlatformFixture()
        await #expect(throws: CannotProbe.self) { try await fixture.check("AV-1", on: fixture.changed { $0.nodes = nil }) }
        #expect(try await fixture.check("AV-1", on: fixture.changed { $0.nodes = { ["one", "two"] } }).holds)
        for lonely in [["one"], []] {
            #expect(try await !fixture.check("AV-1", on: fixture.changed { $0.nodes = { lonely } }).holds)
        }
    }

    // MARK: AV-3 and AZ-7

    private static let careful = [
        DatabaseServer.Rule(kind: "local", addresses: "", method: "peer"),
        DatabaseServer.Rule(kind: "host", addresses: "127.0.0.1/32", method: "scram-sha-256"),
        DatabaseServer.Rule(kind: "hostssl", addresses: "10.1.2.0/28", method: "scram-sha-256"),
        DatabaseServer.Rule(kind: "host", addresses: "all", method: "reject"),
    ]

    private static func server(
        address: String? = "10.1.2.9", encryption: String? = "TLSv1.3", isVerified: Bool = true, rules: [DatabaseServer.Rule]? = careful
    ) -> DatabaseServer {
        DatabaseServer(
            version: "15.18", address: address, clientAddress: "10.1.2.3", encryption: encryption, isVerified: isVerified,
            listensAt: "10.1.2.9", rules: rules)
    }

    private func check(_ id: String, _ server: DatabaseServer, _ fixture: PlatformFixture) async throws -> Evidence {
        try await fixture.check(id, on: fixture.changed { $0.databaseServer = { server } })
    }

    @Test func `AV-3 holds for a server of its own behind verified TLS`() async throws {
        let fixture = try await PlatformFixture()
        #expect(try await check("AV-3", Self.server(), fixture).holds)
        await #expect(throws: CannotProbe.self) { try await fixture.check("AV-3", on: fixture.changed { $0.databaseServer = nil }) }
        for here in [nil, "10.1.2.3"] {
            await #expect(throws: CannotProbe.self) { try await check("AV-3", Self.server(address: here), fixture) }
        }
    }

    @Test func `AV-3 turns without encryption, without verification, and for a server that admits everybody`() async throws {
        let fixture = try await PlatformFixture()
        #expect(try await !check("AV-3", Self.server(encryption: nil), fixture).holds)
        #expect(try await !check("AV-3", Self.server(isVerified: false), fixture).holds)
        let open = DatabaseServer.Rule(kind: "hostssl", addresses: "0.0.0.0/0", method: "scram-sha-256")
        #expect(try await !check("AV-3", Self.server(rules: Self.careful + [open]), fixture).holds)
    }

    @Test(.disabled(if: TestEngine.isPostgres, "there are no files"))
    func `AZ-7 holds for files that only their owner can open, and turns when others can`() async throws {
        let fixture = try await PlatformFixture()
        let evidence = try await fixture.check("AZ-7")
        #expect(evidence.holds, "\(evidence)")
        let databases = try #require(fixture.platform.directories.databases)
        let file = try #require(
            FileManager.default.enumerator(atPath: databases)?.lazy.compactMap { $0 as? String }.first { $0.hasSuffix(".db") })
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: databases + "/" + file)
        #expect(try await !fixture.check("AZ-7").holds)
    }

    @Test func `AZ-7 holds for a server with careful rules`() async throws {
        let fixture = try await PlatformFixture()
        for evidence in [try await check("AZ-7", Self.server(), fixture), try await fixture.check("AZ-7")] {
            #expect(evidence.holds, "\(evidence)")
        }
        await #expect(throws: CannotProbe.self) { try await check("AZ-7", Self.server(rules: nil), fixture) }
    }

    @Test(arguments: [
        DatabaseServer.Rule(kind: "hostssl", addresses: "all", method: "scram-sha-256"),
        DatabaseServer.Rule(kind: "hostssl", addresses: "::/0", method: "cert"),
        DatabaseServer.Rule(kind: "host", addresses: "10.1.2.0/28", method: "scram-sha-256"),
        DatabaseServer.Rule(kind: "hostnossl", addresses: "10.1.2.0/28", method: "scram-sha-256"),
        DatabaseServer.Rule(kind: "hostssl", addresses: "10.1.2.0/28", method: "trust"),
    ])
    func `AZ-7 turns for one careless rule`(rule: DatabaseServer.Rule) async throws {
        let fixture = try await PlatformFixture()
        #expect(try await !check("AZ-7", Self.server(rules: Self.careful + [rule]), fixture).holds)
    }

    // MARK: AV-8

    /// Answers a sign-in as the server does, with the event; `believes` takes the client's address from a header.
    private static func door(_ fixture: PlatformFixture, believes header: String? = nil) async throws -> TestListener {
        let notes = Notes()
        return try await TestListener(log: { request in
            let lines = request.components(separatedBy: "\r\n")
            func value(_ name: String) -> String? {
                lines.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }?.split(separator: ":", maxSplits: 1).last.map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
            }
            guard let form = lines.last, let start = form.firstRange(of: "identifier=")?.upperBound else { return }
            let identifier = form[start...].prefix { $0 != "&" }.replacing("%40", with: "@")
            let address = header.flatMap(value) ?? "127.0.0.1"
            notes.wait {
                _ = try? await fixture.platform.signIn.password(
                    identifier: String(identifier), password: Secret("not the password"), by: Principal(.anonymous, address: address),
                    agent: nil)
            }
        })
    }

    /// Lets a listener's synchronous callback wait for its event to be written.
    private final class Notes: Sendable {
        func wait(_ work: @escaping @Sendable () async -> Void) {
            let done = DispatchSemaphore(value: 0)
            Task.detached {
                await work()
                done.signal()
            }
            done.wait()
        }
    }

    @Test func `AV-8 holds while a stranger's headers are ignored, and turns for each that is believed`() async throws {
        let fixture = try await PlatformFixture()
        await #expect(throws: CannotProbe.self) { try await fixture.check("AV-8") }
        let honest = try await Self.door(fixture)
        let evidence = try await fixture.check("AV-8", on: fixture.changed { $0.listener = honest.listener })
        #expect(evidence.holds, "\(evidence)")
        for header in ["X-Forwarded-For", "X-Real-IP", "True-Client-IP"] {
            let gullible = try await Self.door(fixture, believes: header)
            #expect(try await !fixture.check("AV-8", on: fixture.changed { $0.listener = gullible.listener }).holds, "\(header)")
        }
    }

    @Test func `AV-8 plays a stranger where this machine is a trusted proxy itself`() async throws {
        let fixture = try await PlatformFixture()
        let honest = try await Self.door(fixture)
        for own in [["127.0.0.1"], ["127.0.0.1", "127.0.0.2", "127.0.0.3"]] {
            let beside = fixture.changed {
                $0.listener = honest.listener
                $0.trustsForwarded = { own.contains($0) }
            }
            let evidence = try await fixture.check("AV-8", on: beside)
            #expect(evidence.holds, "\(evidence)")
        }
        #expect(honest.visitors == ["127.0.0.2", "127.0.0.4"])
    }

    @Test func `AV-8 says nothing where no stranger can be played, or nothing is on record`() async throws {
        let fixture = try await PlatformFixture()
        let honest = try await Self.door(fixture)
        let trusting = fixture.changed {
            $0.listener = honest.listener
            $0.trustsForwarded = { _ in true }
        }
        await #expect(throws: CannotProbe.self) { try await fixture.check("AV-8", on: trusting) }
        #expect(honest.visitors.isEmpty)
        let silent = try await TestListener()
        await #expect(throws: CannotProbe.self) { try await fixture.check("AV-8", on: fixture.changed { $0.listener = silent.listener }) }
    }
}
