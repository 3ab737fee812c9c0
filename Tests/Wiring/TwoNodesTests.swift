import Audit
import Cluster
import Foundation
import Guarding
import Identity
import Logging
import Records
import Sealing
import Storage
import Synchronization
import TestSupport
import Testing
import Vocabulary
import Wiring

import func IdentityTesting.successes

@Suite("Two nodes of one installation", .timeLimit(.minutes(5)))
struct TwoNodesTests {
    /// What decision 15 promises.
    static let promised = Duration.seconds(1)

    @Test(arguments: [true, false])
    func `what is taken away on one node is taken away on the other within a second`(isTold: Bool) async throws {
        let nodes = try await TwoNodes(isTold: isTold)
        let (here, there) = (nodes.here, nodes.there)
        let person = try await nodes.person()
        let token = person.session.token.text
        let tenant = try await here.installation.tenants.create(
            slug: "acme", name: "Acme", edition: "team", region: "eu-north", by: TwoNodes.shell)

        // Roles.
        try await here.identity.memberships.join(person.account, to: tenant.id, roles: ["owner"], by: TwoNodes.shell)
        _ = try await TwoNodes.delay { try await there.identity.memberships.roles(of: person.account, in: tenant.id) == ["owner"] }
        // Remembered there: a member who is added on the node that the other one isn't told of stays unknown no longer than the promise, either.
        let principal = Principal(.account(person.account), session: person.session.session.id)
        try await here.identity.memberships.setRoles(["owner", "editor"], of: person.account, in: tenant.id, by: principal)
        let roles = try await TwoNodes.delay { try await there.identity.memberships.roles(of: person.account, in: tenant.id).count == 2 }
        #expect(roles < Self.promised)

        // A session.
        #expect(try await there.identity.sessions.find(token: token) != nil)
        #expect(try await there.identity.sessions.find(token: token) != nil, "from memory")
        try await here.identity.sessions.signOut(person.session.session, by: principal)
        #expect(try await here.identity.sessions.find(token: token) == nil, "on the node itself at once")
        let session = try await TwoNodes.delay { try await there.identity.sessions.find(token: token) == nil }
        #expect(session < Self.promised)

        // A key.
        let owner = KeyOwner.environment(try await here.installation.tenants.environments(of: tenant.id)[0].id)
        _ = try await TwoNodes.delay { (try? there.keyring.key(for: owner)) != nil }
        try await here.keyring.apart { try $0.destroy(for: owner) }
        let key = try await TwoNodes.delay {
            do {
                _ = try there.keyring.key(for: owner)
                return false
            } catch SealingFault.keyMissing { return true } catch is Refusal { return false }
        }
        #expect(key < Self.promised)
        await nodes.stop()
    }

    @Test(arguments: [true, false])
    func `who is banned on one node is refused on the other within a second, and let in again`(isTold: Bool) async throws {
        let nodes = try await TwoNodes(isTold: isTold)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let here = Sentry(nodes.here.installation.bans, logger: logger)
        let there = Sentry(nodes.there.installation.bans, logger: logger)
        let address = try #require(NetworkAddress("203.0.113.9"))
        #expect(await there.standing(of: address) == nil)
        for _ in 0..<3 { await here.note(.probe, from: address) }
        #expect(await here.standing(of: address) != nil, "on the node itself at once")
        let shut = try await TwoNodes.delay { await there.standing(of: address) != nil }
        #expect(shut < Self.promised)
        let ban = try #require(try await nodes.there.installation.bans.inForce().first)
        _ = try await nodes.there.installation.bans.lift(ban.id, by: TwoNodes.shell)
        #expect(await there.standing(of: address) == nil)
        let open = try await TwoNodes.delay { await here.standing(of: address) == nil }
        #expect(open < Self.promised)
        await nodes.stop()
    }

    @Test func `two first starts at once make one installation`() async throws {
        let nodes = try await TwoNodes()
        async let first: Void = nodes.here.installation.provider.prepare()
        async let second: Void = nodes.there.installation.provider.prepare()
        _ = try await (first, second)
        let keys = try await nodes.here.installation.control.read { try $0.value("SELECT count(*) FROM signing_key", as: Int.self) }
        #expect(keys == 2, "one for each algorithm")
        _ = try await TwoNodes.delay {
            try await nodes.there.installation.provider.keys.publicKeys() == nodes.here.installation.provider.keys.publicKeys()
        }
        #expect(try await nodes.there.installation.nodes.list().count == 2)
        await nodes.stop()
    }

    @Test func `a code that is redeemed on both at once is good for one`() async throws {
        let nodes = try await TwoNodes()
        let plane = nodes.here.installation.plane
        for _ in 0..<3 {
            let code = try await plane.write { try OneTimeCodes(plane).issue(.passwordReset, for: "subject", life: .minutes(1), in: $0) }
            let used = await successes(of: 20) { number in
                let plane = (number.isMultiple(of: 2) ? nodes.here : nodes.there).installation.plane
                let redemption = try await plane.write { try OneTimeCodes(plane).redeem(code.text, for: .passwordReset, in: $0) }
                guard case .fresh = redemption else { throw OneTimeCodes.badLinkForTests }
            }
            #expect(used == 1)
        }
        await nodes.stop()
    }

    @Test func `failed attempts are counted together`() async throws {
        let nodes = try await TwoNodes()
        func admitted(_ identifier: String, on desks: [IdentityDesk]) async throws -> Int {
            for number in 0..<12 {
                let refusal = await #expect(throws: Refusal.self) {
                    _ = try await TwoNodes.patiently {
                        try await desks[number % desks.count].signIn.password(
                            identifier: identifier, password: Secret("wrong as can be"), by: Principal(.anonymous), agent: "test")
                    }
                }
                if refusal?.code == "sign-in-failed" { continue }
                #expect(refusal?.code == "too-many-attempts")
                return number
            }
            return 12
        }
        let alone = try await admitted("one@acme.example", on: [nodes.here.identity])
        let both = try await admitted("two@acme.example", on: [nodes.here.identity, nodes.there.identity])
        #expect(alone > 0 && alone < 12)
        #expect(both == alone)
        await nodes.stop()
    }

    @Test func `a code of the authenticator opens one door of two`() async throws {
        let nodes = try await TwoNodes()
        let person = try await nodes.person()
        nodes.clock.advance(by: .seconds(30))
        var begun: [IssuedSession] = []
        for node in [nodes.here, nodes.there, nodes.here, nodes.there] {
            begun.append(
                try await node.identity.signIn.password(
                    identifier: person.identifier, password: Secret(TwoNodes.password), by: TwoNodes.visitor, agent: "test"
                ).issued)
        }
        let code = person.code(at: nodes.clock.now())
        let opened = await successes(of: 4) { [begun] number in
            let desk = (number.isMultiple(of: 2) ? nodes.here : nodes.there).identity
            _ = try await desk.signIn.factor(.totp(code), in: begun[number].session, by: TwoNodes.visitor)
        }
        #expect(opened == 1)
        await nodes.stop()
    }

    @Test func `when the one that leads is cut off, the other leads and takes up its import`() async throws {
        let nodes = try await TwoNodes()
        let (here, there) = (nodes.here.installation, nodes.there.installation)
        await here.leadership.step()
        await there.leadership.step()
        #expect(here.leadership.isLeader && !there.leadership.isLeader)

        let tenant = try await here.tenants.create(slug: "acme", name: "Acme", edition: "team", region: "eu-north", by: TwoNodes.shell)
        let environment = try await here.tenants.environments(of: tenant.id)[0].id
        let actor = Actor(principal: TwoNodes.shell, roles: [Role.owner])
        let workspace = try await here.workspace(of: environment)
        let file = AsyncStream<[UInt8]> { continuation in
            continuation.yield(Array("name\none\ntwo\nthree\n".utf8))
            continuation.finish()
        }
        let upload = try await workspace.imports.upload(name: "things.csv", file, by: actor)
        let plan = try await workspace.imports.suggestedPlan(upload.id, slug: nil, name: "things", by: actor)
        let operation = try await workspace.imports.start(upload.id, plan, by: actor)

        // The node meets the database while the other one is at work: it leaves the import alone.
        _ = try await there.workspace(of: environment)
        #expect(try await there.operations(of: environment).find(operation.id).state == .queued)

        // Its connections end, with the locks on them.
        await nodes.here.stop()
        let desk = Task { try await there.importDesk.run() }
        there.nodes.listen { await there.takeOver() }
        _ = try await TwoNodes.delay {
            await there.leadership.step()
            return there.leadership.isLeader
        }
        try await there.nodes.step()
        let updates = try await there.operations(of: environment).updates(of: operation.id).reduce(into: []) { $0.append($1.state) }
        #expect(updates.last == .succeeded)
        let found = try await there.workspace(of: environment).records.list(in: "things", Query(limit: 10), by: actor)
        #expect(found.records.count == 3)
        desk.cancel()
        await nodes.there.stop()
    }

    @Test func `many sign-ins and changes on both nodes leave one unbroken log`() async throws {
        let nodes = try await TwoNodes()
        let tenant = try await nodes.here.installation.tenants.create(
            slug: "acme", name: "Acme", edition: "team", region: "eu-north", by: TwoNodes.shell)
        let environment = try await nodes.here.installation.tenants.environments(of: tenant.id)[0].id
        let actor = Actor(principal: TwoNodes.shell, roles: [Role.owner])
        try await nodes.here.installation.workspace(of: environment).collections.create(
            .init(slug: "things", name: "Things", fields: [.init(key: "name", label: "Name", type: .text)]), by: actor)
        let made = await successes(of: 60) { number in
            let installation = (number.isMultiple(of: 2) ? nodes.here : nodes.there).installation
            _ = try await TwoNodes.patiently {
                try await installation.workspace(of: environment).records.create(["name": .string("\(number)")], in: "things", by: actor)
            }
        }
        #expect(made == 60)
        let database = try await nodes.there.installation.tenants.database(of: environment)
        async let one = nodes.here.installation.checkpoints(of: .environment(environment))?.sign()
        async let two = nodes.there.installation.checkpoints(of: .environment(environment))?.sign()
        _ = try await (one, two)
        let key = try await nodes.there.installation.checkpoints(of: .environment(environment))?.key
        let report = try await AuditVerifier(key: key, kept: []).verify(database)
        #expect(report.holds)
        #expect(report.entries >= 60)
        await nodes.stop()
    }
}

extension OneTimeCodes {
    fileprivate static let badLinkForTests = Refusal(.gone, "spent", "It was used before.")
}
