import Cluster
import Foundation
import Identity
import Logging
import Sealing
import ServiceLifecycle
import Storage
import StoragePostgres
import TestSupport
import Testing
import Vocabulary
import Web
import Wiring

import enum IdentityTesting.Base32Text

/// Two nodes of one installation in one process, each with its own engine, keyring and memory, over one PostgreSQL server.
final class TwoNodes: Sendable {
    final class Node: Sendable {
        let installation: Wiring.Installation
        let shelf: DatabaseKeyShelf
        let options: PostgresOptions
        private let running: [Task<Void, any Error>]

        var identity: IdentityDesk { installation.identity }
        var keyring: Keyring { installation.keyring }

        /// - Parameter isTold: whether it hears notifications, or has to look by itself.
        init(_ place: PostgresPlace, data: TemporaryDirectory, master: MasterKey, clock: any Vocabulary.Clock, isTold: Bool) async throws {
            options = place.cluster.options(prefix: place.prefix)
            var ground = try await Ground.postgres(options)
            if !isTold { ground.news = nil }
            let shelf = try await ground.keyShelf(place: "the keyring's database")
            self.shelf = shelf
            let keyring = Keyring(shelf: shelf, clock: clock, entropy: SystemEntropy())
            do { try await keyring.apart { try $0.unseal(with: master) } } catch SealingFault.keyringInUse {
                // The other one was faster with making it.
                try await shelf.catchUp()
                try await keyring.apart { try $0.unseal(with: master) }
            }
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let keys = CoherenceWatch([.init("keyring") { try await shelf.catchUp() }], logger: logger)
            let keeping = Task { try await keys.run() }
            shelf.listen { invalidation in if case .key(let owner) = invalidation { keyring.forget(KeyOwner(owner)) } }
            let surroundings = Wiring.Installation.Surroundings(
                data: data.path, gateway: Gateway(apex: "holdfast.localhost", port: 8443), keyring: keyring,
                mailer: InstallationTests.NoMail(),
                hasher: PasswordHasher(waiting: 1000, cost: .least), clock: clock, logger: logger)
            installation = try await .open(surroundings, on: ground)
            let watch = CoherenceWatch(
                [.init("control") { [coherence = installation.coherence] in try await coherence.catchUp() }], logger: logger)
            var services: [any Service] = [watch]
            if let news = ground.news { services.append(news(watch.bell)) }
            running = [keeping] + services.map { service in Task { try await service.run() } }
            try await installation.nodes.step()
        }

        /// As far as this node's memory goes it is dead from now on; its engine closes.
        func stop() async {
            for task in running { task.cancel() }
            for task in running { _ = await task.result }
            await installation.close()
        }
    }

    let place: PostgresPlace
    let clock: ManualClock
    let here: Node
    let there: Node
    private let data: TemporaryDirectory

    static let shell = Principal(.shell(user: "root"))
    static let password = "four small herons wade"
    static let visitor = Principal(.anonymous, address: "192.0.2.10")

    /// Both start at once, on an empty server.
    init(isTold: Bool = true) async throws {
        let place = try PostgresPlace()
        let data = try TemporaryDirectory()
        let clock = ManualClock()
        let master = try #require(MasterKey(Secret(SystemEntropy().bytes(32))))
        async let first = Node(place, data: data, master: master, clock: clock, isTold: isTold)
        async let second = Node(place, data: data, master: master, clock: clock, isTold: isTold)
        (here, there) = try await (first, second)
        self.place = place
        self.data = data
        self.clock = clock
    }

    func stop() async {
        await here.stop()
        await there.stop()
    }

    // MARK: People

    struct Person: Sendable {
        let account: AccountID
        let identifier: String
        let seed: [UInt8]
        let session: IssuedSession

        func code(at instant: Instant) -> String { TOTP.code(secret: Secret(seed), step: TOTP.step(at: instant)) }
    }

    /// The first operator, with a password and a second factor, signed in on the first node.
    func person(_ identifier: String = "operator@vendor.example") async throws -> Person {
        let desk = here.identity
        let link = try #require(try await desk.firstOperator.link())
        let begun = try await desk.firstOperator.claim(
            String(try #require(link.split(separator: "/").last)), identifier: identifier, displayName: "Sam Gate",
            password: Secret(Self.password), by: Self.visitor, agent: "test")
        let principal = Principal(.account(begun.session.account), session: begun.session.id, address: "192.0.2.10")
        let seed = Base32Text.decode(try await desk.signIn.enrolment(in: begun.session, by: principal).secretText)
        let code = TOTP.code(secret: Secret(seed), step: TOTP.step(at: clock.now()))
        let (finished, _) = try await desk.signIn.confirmEnrolment(code: code, in: begun.session, by: principal)
        return Person(account: finished.session.account, identifier: identifier, seed: seed, session: finished)
    }

    /// Does what a client does that is told to come back: a node that is too busy to hear of the others says so rather than answer from memory.
    static func patiently<T>(_ body: () async throws -> T) async throws -> T {
        let began = ContinuousClock.now
        while true {
            do { return try await body() } catch let error {
                guard isTurnedAway(error), ContinuousClock.now - began < .seconds(60) else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private static func isTurnedAway(_ error: any Error) -> Bool {
        if case StorageError.overloaded = error { return true }
        if case .unavailable? = (error as? Refusal)?.kind { return true }
        return false
    }

    /// Asks until `holds`, and returns how long after the beginning the last question was *put* that got the old answer. How long an answer takes is a
    /// matter of the machine; what must not be is an old answer to a late question.
    static func delay(until holds: () async throws -> Bool) async throws -> Duration {
        let began = ContinuousClock.now
        var old = Duration.zero
        while true {
            let asked = ContinuousClock.now - began
            if try await holds() { return old }
            old = asked
            try #require(asked < .seconds(60))
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
