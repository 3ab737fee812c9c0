import Identity
import IdentityTesting
import TestSupport
import Testing
import Vocabulary

@Suite("Second factors")
struct FactorTests {
    private func waiting(_ house: Installation, _ person: Person) async throws -> Session {
        try await house.desk.signIn.password(
            identifier: person.identifier, password: Secret(person.password), by: Installation.visitor(), agent: nil
        ).issued.session
    }

    @Test func `a code works once, also in the step next to its own`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        house.clock.advance(by: .seconds(30))
        let code = person.code(at: house.clock.now())
        _ = try await house.desk.signIn.factor(.totp(code), in: try await waiting(house, person), by: Installation.visitor())
        let session = try await waiting(house, person)
        #expect(
            try await refusalCode { _ = try await house.desk.signIn.factor(.totp(code), in: session, by: Installation.visitor()) }
                == "used-code")
        house.clock.advance(by: .seconds(30))
        #expect(
            try await refusalCode { _ = try await house.desk.signIn.factor(.totp(code), in: session, by: Installation.visitor()) }
                == "used-code")
        // An older step than the one that was used, not seen before, is no good either.
        let older = person.code(at: house.clock.now() - .seconds(60))
        #expect(
            try await refusalCode { _ = try await house.desk.signIn.factor(.totp(older), in: session, by: Installation.visitor()) }
                == "wrong-code")
    }

    @Test func `of two hundred parallel uses of a code exactly one gets in`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        house.clock.advance(by: .seconds(30))
        let session = try await waiting(house, person)
        let code = person.code(at: house.clock.now())
        let count = await successes(of: 200) { _ in
            _ = try await house.desk.signIn.factor(.totp(code), in: session, by: Installation.visitor())
        }
        #expect(count == 1)
    }

    @Test func `of two hundred parallel uses of a recovery code exactly one gets in`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let session = try await waiting(house, person)
        let code = try #require(person.recoveryCodes.first)
        let count = await successes(of: 200) { _ in
            _ = try await house.desk.signIn.factor(.recoveryCode(code), in: session, by: Installation.visitor())
        }
        #expect(count == 1)
        #expect(try await house.desk.factors.summary(of: person.account).recoveryCodesLeft == 9)
    }

    @Test func `ten recovery codes come with the factor, none of them is stored`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        #expect(Set(person.recoveryCodes).count == 10)
        let stored = try await house.plane.database.read {
            try $0.rows("SELECT digest FROM recovery_code").map { try $0.get(0, as: String.self) }
        }
        #expect(stored.count == 10 && Set(stored).isDisjoint(with: person.recoveryCodes))
        let typed = try #require(person.recoveryCodes.first).uppercased().replacing("-", with: " ")
        _ = try await house.desk.signIn.factor(FactorProof(typed: typed), in: try await waiting(house, person), by: Installation.visitor())
    }

    @Test func `new recovery codes make the old ones worthless`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let fresh = try await house.desk.signIn.regenerateRecoveryCodes(in: person.session.session, by: person.principal)
        let session = try await waiting(house, person)
        let old = try #require(person.recoveryCodes.first)
        #expect(
            try await refusalCode { _ = try await house.desk.signIn.factor(.recoveryCode(old), in: session, by: Installation.visitor()) }
                == "wrong-code")
        _ = try await house.desk.signIn.factor(.recoveryCode(try #require(fresh.first)), in: session, by: Installation.visitor())
    }

    @Test func `a recovery code of one account is none of another`() async throws {
        let house = try await Installation()
        let robin = try await house.member("robin@acme.example", of: house.tenant())
        let kim = try await house.member("kim@beta.example", of: house.tenant())
        let session = try await waiting(house, robin)
        let code = try #require(kim.recoveryCodes.first)
        #expect(
            try await refusalCode { _ = try await house.desk.signIn.factor(.recoveryCode(code), in: session, by: Installation.visitor()) }
                == "wrong-code")
    }

    @Test func `failing with the authenticator never shuts the recovery codes`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let session = try await waiting(house, person)
        var last: String?
        for _ in 0..<10 {
            last = try await refusalCode {
                _ = try await house.desk.signIn.factor(.totp("000000"), in: session, by: Installation.visitor())
            }
        }
        #expect(last == "too-many-attempts")
        _ = try await house.desk.signIn.factor(
            .recoveryCode(try #require(person.recoveryCodes.first)), in: session, by: Installation.visitor())
    }

    @Test func `a hundred wrong codes shut the authenticator, and a recovery code opens it`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var judged = 0
        for _ in 0..<110 {
            let session = try await waiting(house, person)
            let code = try await refusalCode {
                _ = try await house.desk.signIn.factor(.totp("000000"), in: session, by: Installation.visitor())
            }
            if code == "wrong-code" { judged += 1 }
            house.clock.advance(by: .minutes(16))
        }
        #expect(judged == 100)
        #expect(try await refusalCode { _ = try await house.signIn(person) } == "too-many-attempts")
        _ = try await house.desk.signIn.factor(
            .recoveryCode(try #require(person.recoveryCodes.first)), in: try await waiting(house, person), by: Installation.visitor())
        _ = try await house.signIn(person)
    }

    @Test func `the secret of an authenticator is sealed in the database`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let sealed = try await house.plane.database.read { try $0.value("SELECT sealed FROM totp_factor", as: [UInt8].self) }
        #expect(try #require(sealed).firstRange(of: person.seed) == nil)
    }

    @Test func `changing the authenticator needs a recent proof, and ends the old one`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        house.clock.advance(by: .minutes(11))
        let stale = try #require(try await house.desk.sessions.find(token: person.session.token.text))
        #expect(try await refusalCode { _ = try await house.desk.signIn.enrolment(in: stale, by: person.principal) } == "confirm-it-is-you")
        let fresh = try await house.desk.signIn.reauthenticate(.totp(person.code(at: house.clock.now())), in: stale, by: person.principal)
        let next = try await house.enrol(fresh, identifier: person.identifier, password: person.password)
        #expect(next.seed != person.seed && next.recoveryCodes.isEmpty)
        house.clock.advance(by: .seconds(60))
        let session = try await waiting(house, person)
        let old = person.code(at: house.clock.now())
        #expect(
            try await refusalCode { _ = try await house.desk.signIn.factor(.totp(old), in: session, by: Installation.visitor()) }
                == "wrong-code")
        _ = try await house.desk.signIn.factor(.totp(next.code(at: house.clock.now())), in: session, by: Installation.visitor())
    }

    @Test func `reloading the enrolment shows the same secret until it is confirmed`() async throws {
        let house = try await Installation()
        _ = try await house.desk.invitations.invite(
            "robin@acme.example", to: house.tenant(), named: "Acme", roles: ["owner"], by: Installation.shell)
        let issued = try await house.desk.invitations.accept(
            try house.token(mailedTo: "robin@acme.example"), displayName: "R", password: Secret(Installation.password),
            by: Installation.visitor(), agent: nil)
        let first = try await house.desk.signIn.enrolment(in: issued.session, by: Installation.visitor())
        let second = try await house.desk.signIn.enrolment(in: issued.session, by: Installation.visitor())
        #expect(first.secretText == second.secretText && first.qrSVG == second.qrSVG)
        #expect(
            try await refusalCode {
                _ = try await house.desk.signIn.confirmEnrolment(code: "000000", in: issued.session, by: Installation.visitor())
            } == "wrong-code")
        #expect(try await house.desk.factors.summary(of: issued.session.account).isEnrolled == false)
    }
}
