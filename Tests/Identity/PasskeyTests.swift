import Audit
import Identity
import IdentityTesting
import PasskeyTesting
import Sealing
import Storage
import TestSupport
import Testing
import Vocabulary

@Suite("Passkeys")
struct PasskeyTests {
    private let browser = "0123456789012345678901234567890123456789012"

    private func waiting(_ house: Installation, _ person: Person) async throws -> Session {
        try await house.desk.signIn.password(
            identifier: person.identifier, password: Secret(person.password), by: Installation.visitor(), agent: nil
        ).issued.session
    }

    /// Somebody with an authenticator app who adds a passkey.
    private func withPasskey(
        _ house: Installation, _ person: Person, _ passkey: SoftAuthenticator? = nil
    ) async throws -> SoftAuthenticator {
        var passkey = try passkey ?? SoftAuthenticator()
        let session = person.session.session
        let answer = try passkey.register(try await house.desk.signIn.passkeyRegistration(in: session))
        _ = try await house.desk.signIn.registerPasskey(answer, in: session, by: person.principal)
        return passkey
    }

    private func alone(_ house: Installation, _ passkey: inout SoftAuthenticator, browser: String? = nil) async throws -> IssuedSession {
        let answer = try passkey.authenticate(try await house.desk.signIn.passkeyOptions(browser: self.browser))
        return try await house.desk.signIn.passkey(answer, browser: browser ?? self.browser, by: Installation.visitor(), agent: "test")
    }

    private func outcomes(_ house: Installation, _ method: String) async throws -> [String] {
        try await house.audited("sign_in_attempted").compactMap { entry in
            func field(_ name: String) -> String? {
                entry.fields.first { $0.name == name }.flatMap { if case .name(let text) = $0.value { text } else { nil } }
            }
            return field("method") == method ? field("outcome") : nil
        }
    }

    // MARK: Onboarding

    @Test func `a passkey is a second factor for joining, with recovery codes`() async throws {
        let house = try await Installation()
        _ = try await house.desk.invitations.invite(
            "robin@acme.example", to: house.tenant(), named: "Acme", roles: ["owner"], by: Installation.shell)
        let issued = try await house.desk.invitations.accept(
            try house.token(mailedTo: "robin@acme.example"), displayName: "R", password: Secret(Installation.password),
            by: Installation.visitor(), agent: nil)
        let principal = Principal(.account(issued.session.account), session: issued.session.id)
        var passkey = try SoftAuthenticator()
        let letters = house.letterCount()
        let answer = try passkey.register(try await house.desk.signIn.passkeyRegistration(in: issued.session))
        let done = try await house.desk.signIn.registerPasskey(answer, in: issued.session, by: principal)
        let session = try #require(done.session)
        #expect(session.session.stage == .complete && session.session.methods == ["pwd", "pop", "user"] && done.recoveryCodes.count == 10)
        #expect(try await house.desk.sessions.find(token: issued.token.text) == nil)
        #expect(house.letterCount() == letters, "nobody needs a mail about what they are just doing to join")
        let summary = try await house.desk.factors.summary(of: session.session.account)
        #expect(summary.isEnrolled && !summary.hasAuthenticator && summary.passkeys.map(\.name) == ["Passkey"])
        #expect(try await house.audited("factor_enrolled").count == 1)
        // Who knows only the password is asked for it from now on.
        let step = try await house.desk.signIn.password(
            identifier: "robin@acme.example", password: Secret(Installation.password), by: Installation.visitor(), agent: nil)
        guard case .factor = step else { throw Installation.Missing(what: "factor step") }
    }

    @Test func `the account's name for authenticators is random, and always the same`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let first = try await house.desk.signIn.passkeyRegistration(in: person.session.session)
        let second = try await house.desk.signIn.passkeyRegistration(in: person.session.session)
        let handle = try #require(first["user"]?["id"]?.string)
        #expect(second["user"]?["id"]?.string == handle && Base64URL.decode(handle)?.count == 32)
        #expect(first["rp"]?["id"]?.string == "holdfast.localhost" && first["user"]?["name"]?.string == "robin@acme.example")
        #expect(first["challenge"] != second["challenge"])
    }

    @Test func `a known provider gives the passkey its name, and a mail tells of it`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var passkey = try SoftAuthenticator()
        passkey.aaguid = [0xFD, 0xB1, 0x41, 0xB2, 0x5D, 0x84, 0x44, 0x3E, 0x8A, 0x35, 0x46, 0x98, 0xC2, 0x05, 0xA5, 0x02]
        passkey.circumstances.flags = [.userPresent, .userVerified, .backupEligible, .backedUp]
        passkey = try await withPasskey(house, person, passkey)
        let stored = try #require(try await house.desk.passkeys.list(of: person.account).first)
        #expect(stored.name == "KeePassXC" && stored.backupEligible && stored.backedUp && stored.lastUsedAt == nil)
        #expect(try house.lastLetter(to: person.identifier).subject == "A new passkey for your account")
        try await house.desk.passkeys.rename(stored.id, to: "Laptop", by: person.principal)
        #expect(try await house.desk.passkeys.list(of: person.account).map(\.name) == ["Laptop"])
        #expect(try await alone(house, &passkey).session.methods == ["pop", "user", "swk", "mfa"])
    }

    @Test func `twenty passkeys are enough`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        for _ in 0..<20 { _ = try await withPasskey(house, person) }
        #expect(try await refusalCode { _ = try await withPasskey(house, person) } == "too-many-passkeys")
        let options = try await house.desk.signIn.passkeyRegistration(in: person.session.session)
        #expect(options["excludeCredentials"]?.array?.count == 20)
    }

    @Test func `a passkey that somebody registered is registered for nobody else`() async throws {
        let house = try await Installation()
        let robin = try await house.member("robin@acme.example", of: house.tenant())
        let kim = try await house.member("kim@beta.example", of: house.tenant())
        let passkey = try await withPasskey(house, robin)
        for person in [robin, kim] {
            #expect(try await refusalCode { _ = try await withPasskey(house, person, passkey) } == "passkey-known")
        }
    }

    @Test func `a registration answers its own session's question, once, in time, from here`() async throws {
        let house = try await Installation()
        let robin = try await house.member("robin@acme.example", of: house.tenant())
        let kim = try await house.member("kim@beta.example", of: house.tenant())
        func register(_ answer: String, _ person: Person) async throws -> String? {
            try await refusalCode {
                _ = try await house.desk.signIn.registerPasskey(answer, in: person.session.session, by: person.principal)
            }
        }
        var passkey = try SoftAuthenticator()
        let options = try await house.desk.signIn.passkeyRegistration(in: robin.session.session)
        #expect(try await register(try passkey.register(options), kim) == "passkey-not-registered")
        #expect(try await register(try passkey.register(options), robin) == "passkey-not-registered", "used up by the first answer")
        passkey.circumstances.origin = "https://acme.holdfast.localhost:8443"
        let elsewhere = try passkey.register(try await house.desk.signIn.passkeyRegistration(in: robin.session.session))
        #expect(try await register(elsewhere, robin) == "passkey-not-registered")
        passkey.circumstances = .init()
        let late = try passkey.register(try await house.desk.signIn.passkeyRegistration(in: robin.session.session))
        house.clock.advance(by: .minutes(5))
        #expect(try await register(late, robin) == "passkey-not-registered")
        #expect(try await register("{}", robin) == "passkey-not-registered")
        #expect(try await house.desk.passkeys.list(of: robin.account).isEmpty)
        #expect(try await outcomes(house, "passkey-enrolment").allSatisfy { $0 == "wrong-passkey" })
    }

    @Test func `adding a passkey takes a recent proof`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var passkey = try SoftAuthenticator()
        let answer = try passkey.register(try await house.desk.signIn.passkeyRegistration(in: person.session.session))
        house.clock.advance(by: .minutes(11))
        for _ in 0..<2 {
            #expect(
                try await refusalCode { _ = try await house.desk.signIn.passkeyRegistration(in: person.session.session) }
                    == "confirm-it-is-you")
            #expect(
                try await refusalCode {
                    _ = try await house.desk.signIn.registerPasskey(answer, in: person.session.session, by: person.principal)
                } == "confirm-it-is-you")
        }
    }

    // MARK: Signing in alone

    @Test(arguments: SoftAuthenticator.Algorithm.allCases)
    func `a passkey alone finishes a session`(algorithm: SoftAuthenticator.Algorithm) async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var passkey = try await withPasskey(house, person, try SoftAuthenticator(algorithm))
        house.clock.advance(by: .hours(1))
        let issued = try await alone(house, &passkey)
        #expect(issued.session.account == person.account && issued.session.stage == .complete)
        #expect(issued.session.methods == ["pop", "user", "mfa"] && issued.session.authenticatedAt == house.clock.now())
        #expect(try await house.desk.passkeys.list(of: person.account).first?.lastUsedAt == house.clock.now())
        #expect(try await outcomes(house, "passkey") == ["accepted"])
    }

    @Test func `nobody learns from a refusal whose passkey it was, or why`() async throws {
        let house = try await Installation()
        let robin = try await house.member("robin@acme.example", of: house.tenant())
        let gone = try await house.member("gone@beta.example", of: house.tenant())
        let good = try await withPasskey(house, robin)
        let disabled = try await withPasskey(house, gone)
        try await house.desk.accounts.disable(gone.account, by: Installation.shell)
        var unknown = try SoftAuthenticator()
        unknown.userHandle = [1, 2, 3]
        var another = good
        another.userHandle = disabled.userHandle
        var nameless = good
        nameless.userHandle = nil
        var unlocked = good
        unlocked.circumstances.flags = [.userPresent]
        var foreign = good
        foreign.circumstances.origin = "https://evil.example"
        var refusals: Set<String> = []
        for passkey in [unknown, disabled, another, nameless, unlocked, foreign] {
            do {
                var passkey = passkey
                _ = try await alone(house, &passkey)
                Issue.record("signed in")
            } catch let refusal as Refusal {
                refusals.insert("\(refusal)")
            }
        }
        #expect(refusals.count == 1)
        #expect(try await outcomes(house, "passkey") == ["wrong-passkey", "disabled"] + Array(repeating: "wrong-passkey", count: 4))
    }

    @Test func `a question is answered once, in the browser that was asked, within five minutes`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var passkey = try await withPasskey(house, person)
        #expect(try await refusalCode { _ = try await alone(house, &passkey, browser: String(browser.reversed())) } == "passkey-refused")
        let options = try await house.desk.signIn.passkeyOptions(browser: browser)
        let answer = try passkey.authenticate(options)
        func send(_ answer: String) async throws -> String? {
            try await refusalCode {
                _ = try await house.desk.signIn.passkey(answer, browser: browser, by: Installation.visitor(), agent: nil)
            }
        }
        #expect(try await send(answer) == nil)
        #expect(try await send(answer) == "passkey-refused")
        let late = try passkey.authenticate(try await house.desk.signIn.passkeyOptions(browser: browser))
        house.clock.advance(by: .minutes(5))
        #expect(try await send(late) == "passkey-refused")
        // A question that was asked of a session is none of a browser.
        let session = try await waiting(house, person)
        let other = try passkey.authenticate(try await house.desk.signIn.passkeyOptions(in: session))
        #expect(try await send(other) == "passkey-refused")
    }

    @Test func `of two hundred equal answers at once exactly one gets in`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var passkey = try await withPasskey(house, person)
        let answer = try passkey.authenticate(try await house.desk.signIn.passkeyOptions(browser: browser))
        let count = await successes(of: 200) { _ in
            _ = try await house.desk.signIn.passkey(answer, browser: browser, by: Installation.visitor(), agent: nil)
        }
        #expect(count == 1)
        let session = try await waiting(house, person)
        let second = try passkey.authenticate(try await house.desk.signIn.passkeyOptions(in: session))
        let factors = await successes(of: 200) { _ in
            _ = try await house.desk.signIn.factor(
                try await house.desk.signIn.passkeyProof(second, in: session), in: session, by: Installation.visitor())
        }
        #expect(factors == 1)
    }

    @Test func `whoever has a passkey gets in while somebody guesses passwords and codes`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var passkey = try await withPasskey(house, person)
        for _ in 0..<40 {
            _ = try? await house.desk.signIn.password(
                identifier: person.identifier, password: Secret("wrong password here"), by: Installation.visitor(), agent: nil)
        }
        _ = try await alone(house, &passkey)
    }

    // MARK: As the second factor

    @Test func `after the password a touch will do`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var passkey = try await withPasskey(house, person)
        passkey.circumstances.flags = [.userPresent]
        let session = try await waiting(house, person)
        let options = try await house.desk.signIn.passkeyOptions(in: session)
        #expect(options["allowCredentials"]?.array?.first?["id"]?.string == Base64URL.encode(passkey.id))
        let proof = try await house.desk.signIn.passkeyProof(try passkey.authenticate(options), in: session)
        let issued = try await house.desk.signIn.factor(proof, in: session, by: Installation.visitor())
        #expect(issued.session.stage == .complete && issued.session.methods == ["pwd", "pop", "user"])
    }

    @Test func `another person's passkey is no second factor`() async throws {
        let house = try await Installation()
        let robin = try await house.member("robin@acme.example", of: house.tenant())
        let kim = try await house.member("kim@beta.example", of: house.tenant())
        _ = try await withPasskey(house, robin)
        var other = try await withPasskey(house, kim)
        let session = try await waiting(house, robin)
        let answer = try other.authenticate(try await house.desk.signIn.passkeyOptions(in: session))
        #expect(
            try await refusalCode {
                _ = try await house.desk.signIn.factor(
                    try await house.desk.signIn.passkeyProof(answer, in: session), in: session, by: Installation.visitor())
            } == "wrong-passkey")
        let foreign = try await waiting(house, kim)
        let mine = try other.authenticate(try await house.desk.signIn.passkeyOptions(in: foreign))
        #expect(
            try await refusalCode {
                _ = try await house.desk.signIn.factor(
                    try await house.desk.signIn.passkeyProof(mine, in: session), in: session, by: Installation.visitor())
            } == "wrong-passkey")
    }

    @Test func `a confirmation needs what the passkey can: an unlocked one must be unlocked again`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var passkey = try await withPasskey(house, person)
        house.clock.advance(by: .minutes(11))
        let session = person.session.session
        let options = try await house.desk.signIn.passkeyOptions(in: session)
        #expect(options["userVerification"]?.string == "required")
        passkey.circumstances.flags = [.userPresent]
        let touched = try await house.desk.signIn.passkeyProof(try passkey.authenticate(options), in: session)
        #expect(
            try await refusalCode { _ = try await house.desk.signIn.reauthenticate(touched, in: session, by: person.principal) }
                == "wrong-passkey")
        passkey.circumstances.flags = [.userPresent, .userVerified]
        let unlocked = try await house.desk.signIn.passkeyProof(
            try passkey.authenticate(try await house.desk.signIn.passkeyOptions(in: session)), in: session)
        let issued = try await house.desk.signIn.reauthenticate(unlocked, in: session, by: person.principal)
        #expect(issued.session.authenticatedAt == house.clock.now() && issued.session.id == session.id)
        _ = try await house.desk.signIn.passkeyRegistration(in: issued.session)
    }

    @Test func `a passkey stands for the code when a password is forgotten`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var passkey = try await withPasskey(house, person)
        func token() async throws -> String {
            try await house.desk.passwordReset.request(identifier: person.identifier, by: Installation.visitor())
            return try house.token(mailedTo: person.identifier)
        }
        let (first, second) = (try await token(), try await token())
        #expect(try await house.desk.passwordReset.inspect(first).hasPasskey)
        let answer = try passkey.authenticate(try await house.desk.passwordReset.passkeyOptions(first))
        func finish(_ link: String, _ answer: String) async throws -> String? {
            try await refusalCode {
                try await house.desk.passwordReset.finish(
                    link, newPassword: Secret("nine quiet otters swim"),
                    proof: try await house.desk.passwordReset.passkeyProof(answer, link),
                    by: Installation.visitor())
            }
        }
        #expect(try await finish(second, answer) == "wrong-passkey", "asked for another link")
        let right = try passkey.authenticate(try await house.desk.passwordReset.passkeyOptions(second))
        #expect(try await finish(second, right) == nil)
        #expect(
            try await refusalCode { _ = try await house.desk.passwordReset.passkeyOptions(second) } == "link-spent")
    }

    // MARK: Copies and losses

    @Test func `a counter that goes back is told to the owner and the log, and locks nobody out`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var passkey = try await withPasskey(house, person, try SoftAuthenticator(signCount: 5))
        let copy = passkey
        _ = try await alone(house, &passkey)
        _ = try await alone(house, &passkey)
        #expect(try await house.audited("passkey_copy_suspected").isEmpty)
        passkey = copy
        _ = try await alone(house, &passkey)
        #expect(try await house.audited("passkey_copy_suspected").count == 1)
        #expect(try house.lastLetter(to: person.identifier).subject == "Check one of your passkeys")
    }

    @Test func `the last factor stays, every other one can go`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let session = person.session.session
        #expect(
            try await refusalCode { try await house.desk.signIn.removeAuthenticator(in: session, by: person.principal) } == "last-factor")
        var passkey = try await withPasskey(house, person)
        let stored = try #require(try await house.desk.passkeys.list(of: person.account).first)
        try await house.desk.signIn.removeAuthenticator(in: session, by: person.principal)
        #expect(try house.lastLetter(to: person.identifier).subject == "An authenticator app was removed from your account")
        #expect(
            try await refusalCode { try await house.desk.signIn.removePasskey(stored.id, in: session, by: person.principal) }
                == "last-factor")
        _ = try await alone(house, &passkey)
        _ = try await withPasskey(house, person)
        let answer = try passkey.authenticate(try await house.desk.signIn.passkeyOptions(browser: browser))
        try await house.desk.signIn.removePasskey(stored.id, in: session, by: person.principal)
        #expect(
            try await refusalCode {
                _ = try await house.desk.signIn.passkey(answer, browser: browser, by: Installation.visitor(), agent: nil)
            } == "passkey-refused")
        #expect(try await house.audited("factor_removed").count == 2)
        house.clock.advance(by: .minutes(11))
        #expect(
            try await refusalCode { try await house.desk.signIn.removePasskey(stored.id, in: session, by: person.principal) }
                == "confirm-it-is-you")
    }

    @Test func `of two factors removed at once one stays`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        _ = try await withPasskey(house, person)
        let stored = try #require(try await house.desk.passkeys.list(of: person.account).first)
        let session = person.session.session
        let count = await successes(of: 20) { index in
            if index.isMultiple(of: 2) {
                try await house.desk.signIn.removeAuthenticator(in: session, by: person.principal)
            } else {
                try await house.desk.signIn.removePasskey(stored.id, in: session, by: person.principal)
            }
        }
        #expect(count == 1)
        #expect(try await house.desk.factors.summary(of: person.account).isEnrolled)
    }

    @Test func `nobody renames or removes another's passkey`() async throws {
        let house = try await Installation()
        let robin = try await house.member("robin@acme.example", of: house.tenant())
        let kim = try await house.member("kim@beta.example", of: house.tenant())
        _ = try await withPasskey(house, robin)
        let stored = try #require(try await house.desk.passkeys.list(of: robin.account).first)
        #expect(try await refusalCode { try await house.desk.passkeys.rename(stored.id, to: "Mine", by: kim.principal) } == "not-found")
        #expect(
            try await refusalCode { try await house.desk.signIn.removePasskey(stored.id, in: kim.session.session, by: kim.principal) }
                == "not-found")
    }

    @Test func `with the device lost a recovery code opens the way to a new passkey`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let session = try await waiting(house, person)
        let code = try #require(person.recoveryCodes.first)
        let issued = try await house.desk.signIn.factor(.recoveryCode(code), in: session, by: Installation.visitor())
        var passkey = try SoftAuthenticator()
        let answer = try passkey.register(try await house.desk.signIn.passkeyRegistration(in: issued.session))
        _ = try await house.desk.signIn.registerPasskey(answer, in: issued.session, by: person.principal)
        _ = try await alone(house, &passkey)
    }

    @Test func `questions that nobody answered are forgotten at their end`() async throws {
        let house = try await Installation()
        for _ in 0..<5 { _ = try await house.desk.signIn.passkeyOptions(browser: browser) }
        house.clock.advance(by: .minutes(6))
        try await house.desk.sweep()
        #expect(try await house.plane.database.read { try $0.value("SELECT count(*) FROM one_time_code", as: Int.self) } == 0)
    }

    @Test func `changing the password takes a recent proof, too`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        house.clock.advance(by: .minutes(11))
        let session = try #require(try await house.desk.sessions.find(token: person.session.token.text))
        #expect(
            try await refusalCode {
                try await house.desk.passwords.change(
                    from: Secret(person.password), to: Secret("nine quiet otters swim"), in: session, by: person.principal)
            } == "confirm-it-is-you")
    }
}
