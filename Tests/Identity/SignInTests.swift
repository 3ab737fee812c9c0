import Identity
import IdentityTesting
import Sealing
import TestSupport
import Testing
import Vocabulary

@Suite("Signing in")
struct SignInTests {
    private func password(_ house: Installation, _ identifier: String, _ password: String, from address: String = "198.51.100.7")
        async throws
        -> SignInStep
    {
        try await house.desk.signIn.password(
            identifier: identifier, password: Secret(password), by: Installation.visitor(from: address), agent: nil)
    }

    private func outcomes(_ house: Installation) async throws -> [String] {
        try await house.audited("sign_in_attempted").compactMap { entry in
            entry.fields.first { $0.name == "outcome" }.flatMap { if case .name(let text) = $0.value { text } else { nil } }
        }
    }

    @Test func `a password alone reaches nothing`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let step = try await password(house, "Robin@Acme.example", person.password)
        guard case .factor(let issued) = step else { throw Installation.Missing(what: "factor step") }
        let found = try #require(try await house.desk.sessions.find(token: issued.token.text))
        #expect(!found.factorVerified && found.stage == .factor)
        let code = try await refusalCode {
            _ = try await house.desk.sessions.startEnvironment(
                house.environment(), of: house.tenant(), under: issued.session.id, address: nil, agent: nil)
        }
        #expect(code == "sign-in-again")
    }

    @Test func `the second factor finishes the session under a new token`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        house.clock.advance(by: .seconds(30))
        let before = try await password(house, person.identifier, person.password).issued
        let after = try await house.desk.signIn.factor(
            .totp(person.code(at: house.clock.now())), in: before.session, by: Installation.visitor())
        #expect(after.session.id == before.session.id && after.session.factorVerified && after.session.methods == ["pwd", "otp"])
        #expect(try await house.desk.sessions.find(token: before.token.text) == nil)
        #expect(try await house.desk.sessions.find(token: after.token.text)?.id == after.session.id)
    }

    @Test func `nobody learns whether an account exists`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let disabled = try await house.member("gone@beta.example", of: house.tenant())
        try await house.desk.accounts.disable(disabled.account, by: Installation.shell)
        _ = try await house.desk.accounts.create(identifier: "bare@acme.example", displayName: "B", by: Installation.shell)
        var refusals: Set<String> = []
        for (identifier, text) in [
            (person.identifier, "wrong password here"), ("nobody@acme.example", "wrong password here"), ("no address at all", "x"),
            ("gone@beta.example", disabled.password), ("bare@acme.example", "wrong password here"),
            (person.identifier, String(repeating: "x", count: 5000)),
        ] {
            do {
                _ = try await password(house, identifier, text)
                Issue.record("\(identifier) got in")
            } catch let refusal as Refusal { refusals.insert("\(refusal)") }
        }
        #expect(refusals.count == 1)
        #expect(
            try await outcomes(house).suffix(6) == [
                "wrong-password", "unknown-account", "unknown-account", "disabled", "wrong-password", "wrong-password",
            ])
    }

    /// A hasher with room for one job tells whether it was asked: the second of two attempts at once finds it busy.
    @Test(arguments: ["robin@acme.example", "nobody@acme.example"])
    func `known and unknown accounts both cost a password hash`(_ identifier: String) async throws {
        let hasher = PasswordHasher(threads: 1, waiting: 0, cost: .init(iterations: 3, kibibytes: 32 * 1024))
        let house = try await Installation(hasher: hasher)
        _ = try await house.member("robin@acme.example", of: house.tenant())
        let codes = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try? await refusalCode {
                        _ = try await house.desk.signIn.password(
                            identifier: identifier, password: Secret("wrong"), by: Installation.visitor(), agent: nil)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.contains("busy") && codes.contains("sign-in-failed"))
        #expect(try await outcomes(house).filter { $0 == "busy" || $0.hasPrefix("wrong") || $0.hasPrefix("unknown") }.count == 4)
    }

    @Test func `of a flood only some are looked at, and the log knows how many were not`() async throws {
        let house = try await Installation(hasher: PasswordHasher(threads: 1, waiting: 0, cost: .least))
        let refused = await withTaskGroup(of: String?.self) { group in
            for number in 0..<500 {
                group.addTask {
                    try? await refusalCode {
                        _ = try await house.desk.signIn.password(
                            identifier: "nobody\(number)@acme.example", password: Secret("wrong"),
                            by: Installation.visitor(from: "11.0.0.\(number % 250)"),
                            agent: nil)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(refused.count == 500 && refused.allSatisfy { $0 != nil })
        // One more, so that the last of them are put down.
        _ = try? await house.desk.signIn.password(
            identifier: "last@acme.example", password: Secret("wrong"), by: Installation.visitor(from: "11.0.1.1"), agent: nil)
        let judged = try await house.plane.database.read {
            try $0.value("SELECT count(*) FROM audit_entry WHERE event = 'sign_in_attempted'", as: Int.self) ?? 0
        }
        let away = try await house.audited("sign_ins_turned_away").compactMap { entry -> Int64? in
            if case .number(let count)? = entry.fields.first(where: { $0.name == "count" })?.value { count } else { nil }
        }
        #expect(Int64(judged) + away.reduce(0, +) == 501)
    }

    @Test func `every attempt is one event, and unknown identifiers stay unreadable`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let before = try await outcomes(house).count
        for _ in 0..<12 { _ = try? await password(house, "canary-7781@nowhere.example", "wrong") }
        for _ in 0..<12 { _ = try? await password(house, person.identifier, "wrong", from: "203.0.113.9") }
        let all = try await house.audited("sign_in_attempted")
        #expect(all.count == before + 24)
        #expect(all.filter { $0.body.contains("throttled") }.count == 14)
        let text = try await house.plane.database.read {
            try $0.rows("SELECT body FROM audit_entry").map { try $0.get(0, as: String.self) }
        }
        #expect(!text.contains { $0.contains("canary") || $0.contains("nowhere") })
    }

    @Test func `guessing slows down alike for known and unknown accounts`() async throws {
        let house = try await Installation()
        _ = try await house.member("robin@acme.example", of: house.tenant())
        var codes: [String: [String]] = [:]
        for (index, identifier) in ["robin@acme.example", "nobody@acme.example"].enumerated() {
            for _ in 0..<9 {
                let code = try await refusalCode { _ = try await password(house, identifier, "wrong", from: "198.51.100.\(index)") }
                codes[identifier, default: []].append(code ?? "in")
                house.clock.advance(by: .milliseconds(900))
            }
        }
        #expect(codes["robin@acme.example"] == codes["nobody@acme.example"])
        #expect(codes["nobody@acme.example"]?.contains("too-many-attempts") == true)
    }

    @Test func `the count is for the account, in whatever spelling, from whatever address`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        for (index, spelling) in [
            "robin@acme.example", "ROBIN@acme.example", " Robin@acme.example", "ｒobin@acme.example", "robin@ACME.example",
        ].enumerated() {
            _ = try? await password(house, spelling, "wrong", from: "198.51.100.\(index)")
        }
        let code = try await refusalCode { _ = try await password(house, person.identifier, person.password, from: "203.0.113.77") }
        #expect(code == "too-many-attempts")
    }

    @Test func `somebody else's guesses don't lock the owner out of a usual place`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        for _ in 0..<40 {
            _ = try? await password(house, person.identifier, "wrong", from: "203.0.113.66")
            house.clock.advance(by: .minutes(1))
        }
        _ = try await house.signIn(person, from: Installation.address)
    }

    @Test func `a hundred wrong passwords shut the account's password, and a new one by mail opens it`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var admitted = 0
        for index in 0..<130 {
            let code = try await refusalCode { _ = try await password(house, person.identifier, "wrong", from: "10.1.\(index).1") }
            if code == "sign-in-failed" { admitted += 1 }
            house.clock.advance(by: .hours(1))
        }
        #expect(admitted == 100)
        let shut = try await refusalCode { _ = try await password(house, person.identifier, person.password, from: "10.2.0.1") }
        #expect(shut == "too-many-attempts")
        try await house.desk.passwordReset.request(identifier: person.identifier, by: Installation.visitor())
        try await house.desk.passwordReset.finish(
            try house.token(mailedTo: person.identifier), newPassword: Secret("a kettle of new fish"),
            proof: .totp(person.code(at: house.clock.now())), by: Installation.visitor())
        _ = try await password(house, person.identifier, "a kettle of new fish", from: "10.2.0.1")
    }

    @Test func `guesses at the same moment are counted before they are judged`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        _ = await successes(of: 60) { index in
            _ = try await house.desk.signIn.password(
                identifier: person.identifier, password: Secret("wrong \(index)"), by: Installation.visitor(from: "203.0.113.5"), agent: nil
            )
        }
        #expect(try await outcomes(house).filter { $0 == "wrong-password" }.count <= 5)
    }

    @Test func `one address that tries many accounts is slowed down, and success washes nothing`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        var codes: [String?] = []
        for index in 0..<40 {
            codes.append(
                try await refusalCode { _ = try await password(house, "p\(index)@acme.example", "wrong", from: "2001:db8::\(index)") })
            if index % 10 == 9 { _ = try? await password(house, person.identifier, person.password, from: "2001:db8::ffff") }
        }
        #expect(codes.contains("too-many-attempts"))
    }

    @Test func `a session ahead of its stage is refused`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        house.clock.advance(by: .seconds(30))
        let issued = try await password(house, person.identifier, person.password).issued
        // Whoever has the password must not enrol a factor of their own over the one that is there.
        #expect(
            try await refusalCode { _ = try await house.desk.signIn.enrolment(in: issued.session, by: Installation.visitor()) }
                == "sign-in-again")
        #expect(
            try await refusalCode {
                _ = try await house.desk.signIn.regenerateRecoveryCodes(in: issued.session, by: Installation.visitor())
            }
                == "sign-in-again")
    }
}
