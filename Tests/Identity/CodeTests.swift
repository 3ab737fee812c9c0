import Identity
import IdentityTesting
import Sealing
import Storage
import TestSupport
import Testing
import Vocabulary

@Suite("One-time codes, reset and the first operator")
struct CodeTests {
    @Test func `a code of one purpose is nothing for another`() async throws {
        let house = try await Installation()
        let codes = OneTimeCodes(house.plane)
        for purpose in CodePurpose.allCases {
            let token = try await house.plane.database.write { try codes.issue(purpose, for: "subject", life: .minutes(1), in: $0) }
            for other in CodePurpose.allCases where other != purpose {
                #expect(try await house.plane.database.write { try codes.redeem(token.text, for: other, in: $0) } == .unknown)
            }
            guard case .fresh(let code) = try await house.plane.database.write({ try codes.redeem(token.text, for: purpose, in: $0) })
            else {
                Issue.record("\(purpose) was not fresh")
                continue
            }
            #expect(code.subject == "subject")
            guard case .spent = try await house.plane.database.write({ try codes.redeem(token.text, for: purpose, in: $0) }) else {
                Issue.record("\(purpose) worked twice")
                continue
            }
        }
    }

    @Test(arguments: [60, -3600]) func `a code does not outlive its time, nor a clock set back`(_ seconds: Int) async throws {
        let house = try await Installation()
        let codes = OneTimeCodes(house.plane)
        let token = try await house.plane.database.write { try codes.issue(.authorization, for: "s", life: .minutes(1), in: $0) }
        house.clock.advance(by: .seconds(seconds))
        #expect(try await house.plane.database.write { try codes.redeem(token.text, for: .authorization, in: $0) } == .expired)
    }

    @Test func `a reset by mail still asks for the second factor`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        try await house.desk.passwordReset.request(identifier: person.identifier, by: Installation.visitor())
        let token = try house.token(mailedTo: person.identifier)
        #expect(try await house.desk.passwordReset.inspect(token).needsFactor)
        let new = Secret("a kettle of new fish")
        for (proof, code) in [(nil, "factor-missing"), (FactorProof.totp("000000"), "wrong-code"), (.recoveryCode("aaaa"), "wrong-code")] {
            #expect(
                try await refusalCode {
                    try await house.desk.passwordReset.finish(token, newPassword: new, proof: proof, by: Installation.visitor())
                } == code)
        }
        house.clock.advance(by: .seconds(30))
        try await house.desk.passwordReset.finish(
            token, newPassword: new, proof: .totp(person.code(at: house.clock.now())), by: Installation.visitor())
        // Signed out everywhere, and signing in goes the whole way again.
        #expect(try await house.desk.sessions.find(token: person.session.token.text) == nil)
        let step = try await house.desk.signIn.password(
            identifier: person.identifier, password: new, by: Installation.visitor(), agent: nil)
        #expect(step.issued.session.stage == .factor)
        #expect(
            try await refusalCode {
                try await house.desk.passwordReset.finish(token, newPassword: new, proof: nil, by: Installation.visitor())
            } == "link-spent")
    }

    @Test func `a reset for nobody says the same and sends nothing`() async throws {
        let house = try await Installation()
        try await house.desk.passwordReset.request(identifier: "nobody@acme.example", by: Installation.visitor())
        #expect(house.letterCount() == 0)
    }

    @Test func `links in mail are made from our own address`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        try await house.desk.passwordReset.request(identifier: person.identifier, by: Installation.visitor())
        #expect(try house.lastLetter(to: person.identifier).text.contains("\n\(Installation.origin)/password/reset/"))
    }

    @Test func `nobody is flooded with mail`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let before = house.letterCount()
        for index in 0..<50 {
            _ = try? await house.desk.passwordReset.request(
                identifier: person.identifier, by: Installation.visitor(from: "10.0.\(index).1"))
        }
        #expect(house.letterCount() - before <= 4)
        #expect(try await house.audited("throttled").count >= 46)
    }

    @Test func `a changed password is told by mail, and guesses at the old one are counted and in the log`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let passwords = house.desk.passwords
        let before = house.letterCount()
        for _ in 0..<5 {
            #expect(
                try await refusalCode {
                    try await passwords.change(
                        from: Secret("not this one here"), to: Secret("five tall cranes dance"), in: person.session.session,
                        by: person.principal)
                } == "password-wrong")
        }
        #expect(
            try await refusalCode {
                try await passwords.change(
                    from: Secret(person.password), to: Secret("five tall cranes dance"), in: person.session.session, by: person.principal)
            } == "too-many-attempts")
        #expect(house.letterCount() == before)
        let guesses = try await house.audited("sign_in_attempted").filter { $0.fields.contains { $0.text == "password-change" } }
        let outcomes = guesses.flatMap(\.fields).filter { $0.name == "outcome" }.map(\.text)
        #expect(outcomes == Array(repeating: "wrong-password", count: 5) + ["throttled"])

        house.clock.advance(by: .minutes(1))
        try await passwords.change(
            from: Secret(person.password), to: Secret("five tall cranes dance"), in: person.session.session, by: person.principal)
        #expect(house.letterCount() == before + 1)
        let letter = try house.lastLetter(to: person.identifier)
        #expect(letter.subject == "Your password was changed" && letter.expiresAt == nil)
        #expect(!letter.text.contains("cranes"))
    }

    @Test func `a letter with a link is not sent once the link has ended`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let person = try await house.member("robin@acme.example", of: tenant)
        try await house.desk.passwordReset.request(identifier: person.identifier, by: Installation.visitor())
        #expect(try house.lastLetter(to: person.identifier).expiresAt == house.clock.now() + .minutes(30))
        let invitation = try await house.desk.invitations.invite(
            "kim@acme.example", to: tenant, named: "Acme", roles: ["reader"], by: person.principal)
        #expect(try house.lastLetter(to: "kim@acme.example").expiresAt == invitation.expiresAt)
    }

    @Test func `a hash of an older cost is made anew at the next sign-in, and only then`() async throws {
        let dear = PasswordHasher(waiting: 1000, cost: .init(iterations: 2, kibibytes: 16))
        let house = try await Installation(hasher: dear)
        let person = try await house.member("robin@acme.example", of: house.tenant())
        func stored() async throws -> (hash: String, at: Int64) {
            let row = try await house.plane.database.read {
                try $0.row("SELECT hash, set_at FROM password WHERE account = \(person.account)")
            }
            let found = try #require(row)
            return (try found.get(0), try found.get(1))
        }
        let same = try await stored()
        _ = try await house.signIn(person)
        #expect(try await stored() == same)

        let old = try await PasswordHasher(cost: .least).hash(Secret(person.password))
        try await house.plane.database.write { try $0.run("UPDATE password SET hash = \(old) WHERE account = \(person.account)") }
        let set = try await house.audited("password_set").count
        #expect(
            try await refusalCode {
                _ = try await house.desk.signIn.password(
                    identifier: person.identifier, password: Secret("not this one here"), by: Installation.visitor(), agent: nil)
            } == "sign-in-failed")
        #expect(try await stored().hash == old)
        _ = try await house.signIn(person)
        let new = try await stored()
        #expect(new.hash != old && !dear.needsRehash(new.hash) && new.at == same.at)
        #expect(try await house.audited("password_set").count == set)
        _ = try await house.signIn(person)
        #expect(try await stored() == new)
    }

    @Test func `a changed password ends every other session`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let other = try await house.signIn(person)
        #expect(
            try await refusalCode {
                try await house.desk.passwords.change(
                    from: Secret("not it"), to: Secret("a kettle of new fish"), in: person.session.session, by: person.principal)
            } == "password-wrong")
        try await house.desk.passwords.change(
            from: Secret(person.password), to: Secret("a kettle of new fish"), in: person.session.session, by: person.principal)
        #expect(try await house.desk.sessions.find(token: other.token.text) == nil)
        #expect(try await house.desk.sessions.find(token: person.session.token.text) != nil)
    }

    @Test func `passwords are stored as argon2id only`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let hashes = try await house.plane.database.read { try $0.rows("SELECT hash FROM password").map { try $0.get(0, as: String.self) } }
        #expect(hashes.count == 1 && hashes.allSatisfy { $0.hasPrefix("$argon2id$") && !$0.contains(person.password) })
    }

    // MARK: The first operator

    @Test func `the first operator's link works once, and there is none after that`() async throws {
        let house = try await Installation()
        let old = try #require(try await house.desk.firstOperator.link())
        let link = try #require(try await house.desk.firstOperator.link())
        @Sendable func claim(_ link: String) async throws -> IssuedSession {
            try await house.desk.firstOperator.claim(
                String(link.split(separator: "/").last ?? ""), identifier: "op@vendor.example", displayName: "Op",
                password: Secret(Installation.password), by: Installation.visitor(), agent: nil)
        }
        #expect(try await refusalCode { _ = try await claim(old) } == "link-spent")
        let count = await successes(of: 20) { _ in _ = try await claim(link) }
        #expect(count == 1)
        #expect(try await house.desk.firstOperator.link() == nil)
        #expect(try await house.desk.staff.list().map(\.identifier) == ["op@vendor.example"])
        #expect(try await house.audited("installation_claimed").count == 1)
    }

    @Test func `an installation keeps an operator`() async throws {
        let house = try await Installation()
        let staff = try await house.operatorPerson()
        #expect(try await refusalCode { try await house.desk.staff.dismiss(staff.account, by: staff.principal) } == "last-operator")
        #expect(try await refusalCode { try await house.desk.accounts.disable(staff.account, by: staff.principal) } == "last-operator")
    }
}
