import Audit
import Identity
import Sealing
import Storage
import StorageSQLite
import Synchronization
import TestSupport
import Vocabulary

/// A control plane with a clock to turn, a letter box to look into and people to make.
package final class Installation: Sendable {
    package let engine: TestEngine
    package let clock: ManualClock
    package let entropy: SeededEntropy
    package let keyring: Keyring
    package let plane: ControlPlane
    package let desk: IdentityDesk
    private let letters: Mailbag

    package static let origin = "https://holdfast.localhost:8443"
    package static let shell = Principal(.shell(user: "root"))
    package static let password = "four small herons wade"

    /// - Parameter audit: makes the control plane's log, where it has a watch.
    package init(
        life: SessionLife = SessionLife(), hasher: PasswordHasher? = nil, extra migrations: [Migration] = [],
        breached: BreachedPasswords? = nil, locations: Locations = .nowhere,
        audit: (Keyring, any Entropy) -> AuditLog = { _, _ in AuditLog() }
    ) async throws {
        engine = try await TestEngine()
        clock = ManualClock()
        entropy = SeededEntropy(seed: 20_261_121)
        keyring = Keyring(directory: engine.directory.path + "/keys", clock: clock, entropy: entropy)
        guard let master = MasterKey(Secret(entropy.bytes(32))) else { throw Missing(what: "master key") }
        try keyring.unseal(with: master)
        try keyring.create(for: .control)
        let schema = Schema(name: "control", AuditLog.migrations, IdentitySchema.migrations, migrations)
        plane = ControlPlane(
            database: try await engine.database(.control, schema: schema), clock: clock, entropy: entropy, audit: audit(keyring, entropy),
            digestKey: try keyring.subkey(for: .control, purpose: .identifierDigest), origin: Self.origin,
            breachedPasswords: breached)
        let letters = Mailbag()
        self.letters = letters
        desk = try IdentityDesk(
            plane, keyring: keyring, hasher: hasher ?? PasswordHasher(waiting: 1000, cost: .least), letters: letters.box, life: life,
            locations: locations, crowding: Crowding(pause: .zero))
    }

    package struct Missing: Error {
        package let what: String
        package init(what: String) { self.what = what }
    }

    // MARK: Letters

    package func lastLetter(to address: String) throws -> Letter {
        guard let letter = letters.all().last(where: { $0.to == address }) else { throw Missing(what: "letter to \(address)") }
        return letter
    }

    package func letterCount() -> Int { letters.all().count }
    package func letters(to address: String, about subject: String) -> Int {
        letters.all().filter { $0.to == address && $0.subject.contains(subject) }.count
    }

    /// The token of the link in the last letter to `address`.
    package func token(mailedTo address: String) throws -> String {
        let text = try lastLetter(to: address).text
        guard let link = text.split(whereSeparator: \.isWhitespace).first(where: { $0.hasPrefix(Self.origin) }),
            let token = link.split(separator: "/").last
        else { throw Missing(what: "link") }
        return String(token)
    }

    // MARK: People

    package func tenant() -> TenantID { TenantID(at: clock.now(), entropy: entropy) }
    package func environment() -> EnvironmentID { EnvironmentID(at: clock.now(), entropy: entropy) }

    /// Somebody who was invited, accepted and enrolled. The first one of a tenant must be an owner; later ones need an `inviter`.
    package func member(
        _ identifier: String, of tenant: TenantID, roles: [String] = ["owner"], inviter: Person? = nil, password: String = password
    ) async throws -> Person {
        _ = try await desk.invitations.invite(
            identifier, to: tenant, named: "Acme", roles: roles, by: inviter?.principal ?? Self.shell)
        let issued = try await desk.invitations.accept(
            try token(mailedTo: identifier), displayName: "Robin Field", password: Secret(password), by: Self.visitor(), agent: "test")
        return try await enrol(issued, identifier: identifier, password: password)
    }

    /// The first operator, by the link on the terminal.
    package func operatorPerson(_ identifier: String = "operator@vendor.example") async throws -> Person {
        guard let link = try await desk.firstOperator.link(), let token = link.split(separator: "/").last else {
            throw Missing(what: "link")
        }
        let issued = try await desk.firstOperator.claim(
            String(token), identifier: identifier, displayName: "Sam Gate", password: Secret(Self.password), by: Self.visitor(),
            agent: "test")
        return try await enrol(issued, identifier: identifier, password: Self.password)
    }

    package func enrol(_ issued: IssuedSession, identifier: String, password: String) async throws -> Person {
        let principal = Principal(.account(issued.session.account), session: issued.session.id, address: Self.address)
        let enrolment = try await desk.signIn.enrolment(in: issued.session, by: principal)
        let seed = Base32Text.decode(enrolment.secretText)
        let code = TOTP.code(secret: Secret(seed), step: TOTP.step(at: clock.now()))
        let (finished, recovery) = try await desk.signIn.confirmEnrolment(code: code, in: issued.session, by: principal)
        return Person(
            account: finished.session.account, identifier: identifier, password: password, seed: seed, recoveryCodes: recovery,
            session: finished)
    }

    package static let address = "192.0.2.10"

    package static func visitor(from address: String = address) -> Principal { Principal(.anonymous, address: address) }

    /// The whole way in; turns the clock to the next time step first, since each code works once.
    package func signIn(_ person: Person, from address: String = address, with agent: UserAgent = "test") async throws -> IssuedSession {
        clock.advance(by: .seconds(30))
        let step = try await desk.signIn.password(
            identifier: person.identifier, password: Secret(person.password), by: Self.visitor(from: address), agent: agent)
        return try await desk.signIn.factor(
            .totp(person.code(at: clock.now())), in: step.issued.session, by: Self.visitor(from: address))
    }

    /// A browser that keeps a token: equal letters are the same one.
    package static func browser(
        _ letter: Character, _ text: String = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    )
        -> UserAgent
    {
        UserAgent(text, device: String(repeating: letter, count: 43))
    }

    // MARK: Audit

    /// Every entry of a kind, oldest first.
    package func audited(_ event: String) async throws -> [AuditEntry] {
        try await AuditEntries(database: plane.database).page(.init(events: [event]), limit: 500).entries.reversed()
    }
}

/// Somebody with everything that only they should have.
package struct Person: Sendable {
    package let account: AccountID
    package let identifier: String
    package let password: String
    package let seed: [UInt8]
    package let recoveryCodes: [String]
    package let session: IssuedSession

    package var principal: Principal { Principal(.account(account), session: session.session.id, address: Installation.address) }

    /// The same person in another browser.
    package func with(_ session: IssuedSession) -> Person {
        Person(
            account: account, identifier: identifier, password: password, seed: seed, recoveryCodes: recoveryCodes, session: session)
    }

    package func code(at instant: Instant) -> String { TOTP.code(secret: Secret(seed), step: TOTP.step(at: instant)) }
}

private final class Mailbag: Sendable {
    private let letters = Mutex<[Letter]>([])

    var box: LetterBox { LetterBox { [self] letter, _ in letters.withLock { $0.append(letter) } } }
    func all() -> [Letter] { letters.withLock { $0 } }
}

package enum Base32Text {
    package static func decode(_ text: String) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var bytes: [UInt8] = []
        var window: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { continue }
            window = window << 5 | UInt32(value)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: window >> UInt32(bits)))
            }
        }
        return bytes
    }
}

/// The code of the refusal that `body` throws; nil if it throws nothing.
package func refusalCode(_ body: () async throws -> Void) async throws -> String? {
    do {
        try await body()
        return nil
    } catch let refusal as Refusal {
        return refusal.code
    }
}

/// How many of `count` calls at the same time succeed.
package func successes(of count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async -> Int {
    await withTaskGroup(of: Bool.self) { group in
        for index in 0..<count {
            group.addTask {
                do {
                    try await body(index)
                    return true
                } catch {
                    return false
                }
            }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
}
