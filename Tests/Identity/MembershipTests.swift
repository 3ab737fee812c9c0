import Identity
import IdentityTesting
import Testing
import Vocabulary

@Suite("Memberships")
struct MembershipTests {
    @Test func `a tenant's people are listed page by page, there and back, and never another tenant's`() async throws {
        let house = try await Installation()
        let (acme, globex) = (house.tenant(), house.tenant())
        let owner = try await house.member("olive@acme.example", of: acme)
        let other = try await house.member("gil@globex.example", of: globex)
        for number in 0..<6 {
            house.clock.advance(by: .seconds(1))
            let account = try await house.desk.accounts.create(
                identifier: "p\(number)@acme.example", displayName: "P \(number)", by: Installation.shell)
            try await house.desk.memberships.join(account.id, to: acme, roles: ["reader", "editor"], by: Installation.shell)
        }
        let memberships = house.desk.memberships
        let first = try await memberships.page(in: acme, limit: 3)
        #expect(first.total == 7 && first.previous == nil)
        #expect(first.members.first?.account == owner.account)
        let second = try await memberships.page(in: acme, after: first.next, limit: 3)
        #expect(second.members.allSatisfy { $0.roles.count == 2 })
        let third = try await memberships.page(in: acme, after: second.next, limit: 3)
        #expect(third.members.count == 1 && third.next == nil)
        #expect(try await memberships.page(in: acme, before: third.previous, limit: 3).members == second.members)
        let back = try await memberships.page(in: acme, before: second.previous, limit: 3)
        #expect(back.members == first.members && back.previous == nil && back.next == first.next)
        #expect(try await memberships.page(in: globex, limit: 3).members.map(\.account) == [other.account])
    }
}
