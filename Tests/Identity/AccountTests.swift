import Identity
import IdentityTesting
import TestSupport
import Testing
import Vocabulary

@Suite("Accounts")
struct AccountTests {
    @Test(arguments: ["ROBIN@acme.example", " robin@acme.example ", "ｒobin@acme.example", "robin@ACME.example"])
    func `two accounts can't share an identifier in any spelling`(_ spelling: String) async throws {
        let house = try await Installation()
        _ = try await house.desk.accounts.create(identifier: "robin@acme.example", displayName: "Robin", by: Installation.shell)
        let code = try await refusalCode {
            _ = try await house.desk.accounts.create(identifier: spelling, displayName: "Other", by: Installation.shell)
        }
        #expect(code == "identifier-taken")
        #expect(try await house.desk.accounts.find(identifier: spelling)?.identifier == "robin@acme.example")
    }

    @Test func `dots and tags in an address are its owner's choice`() async throws {
        let house = try await Installation()
        for identifier in ["robin@acme.example", "ro.bin@acme.example", "robin+x@acme.example"] {
            _ = try await house.desk.accounts.create(identifier: identifier, displayName: "R", by: Installation.shell)
        }
        #expect(try await house.desk.accounts.list().count == 3)
    }

    @Test(arguments: [
        "", "robin", "@acme.example", "robin@", "a b@acme.example", "robin@acme.example\nBcc: x@y.example", "<robin@acme.example>",
    ])
    func `what is no address makes no account`(_ text: String) async throws {
        let house = try await Installation()
        let code = try await refusalCode {
            _ = try await house.desk.accounts.create(identifier: text, displayName: "R", by: Installation.shell)
        }
        #expect(code == "identifier")
    }

    @Test func `a disabled account is out at once, everywhere`() async throws {
        let house = try await Installation()
        let (tenant, environment) = (house.tenant(), house.environment())
        let person = try await house.member("robin@acme.example", of: tenant)
        let child = try await house.desk.sessions.startEnvironment(
            environment, of: tenant, under: person.session.session.id, address: nil, agent: nil)
        #expect(try await house.desk.sessions.find(token: child.token.text) != nil)
        #expect(try await house.desk.sessions.find(token: person.session.token.text) != nil)
        try await house.desk.accounts.disable(person.account, by: Installation.shell)
        #expect(try await house.desk.sessions.find(token: child.token.text) == nil)
        #expect(try await house.desk.sessions.find(token: person.session.token.text) == nil)
        #expect(try await refusalCode { _ = try await house.signIn(person) } == "sign-in-failed")
        try await house.desk.accounts.enable(person.account, by: Installation.shell)
        #expect(try await house.desk.sessions.find(token: child.token.text) == nil)
        #expect(try await house.desk.sessions.find(token: person.session.token.text) == nil)
        _ = try await house.signIn(person)
    }

    @Test func `only an operator disables accounts`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        let code = try await refusalCode { try await house.desk.accounts.disable(owner.account, by: owner.principal) }
        #expect(code == "operators-only")
    }
}
