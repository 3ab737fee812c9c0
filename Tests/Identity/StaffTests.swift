import Identity
import IdentityTesting
import TestSupport
import Testing
import Vocabulary

@Suite("Staff")
struct StaffTests {
    @Test func `the first operator reaches everything, the next ones no production until it is given`() async throws {
        let house = try await Installation()
        let first = try await house.operatorPerson()
        let staff = house.desk.staff
        #expect(Set(try await staff.access().map(\.kind)) == Set(StaffAccess.Kind.allCases))
        let otto = try await house.desk.accounts.create(identifier: "otto@vendor.example", displayName: "Otto", by: Installation.shell)
        try await staff.appoint(otto.id, by: first.principal)
        let principal = Principal(.account(otto.id))
        #expect(Set(try await staff.access().filter { $0.account == otto.id }.map(\.kind)) == [.test, .sandbox])
        #expect(try await refusalCode { try await staff.requireReach(to: .production, principal) } == "beyond-own-access")
        #expect(
            try await refusalCode { try await staff.give(.production, as: .operates, to: otto.id, by: principal) } == "beyond-own-access")
        try await staff.give(.production, as: .operates, to: otto.id, by: first.principal)
        try await staff.requireReach(to: .production, principal)
        #expect(try await refusalCode { try await staff.give(.test, as: .operates, to: otto.id, by: principal) } == "not-to-yourself")
        try await staff.take(.production, from: otto.id, by: first.principal)
        #expect(try await refusalCode { try await staff.requireReach(to: .production, principal) } == "beyond-own-access")
        try await staff.dismiss(otto.id, by: first.principal)
        #expect(try await staff.access().allSatisfy { $0.account == first.account })
        #expect(try await house.audited("staff_access_given").count == 6)
        #expect(try await house.audited("staff_access_taken").count == 3)
    }

    @Test func `support has access without being an operator, and gives none`() async throws {
        let house = try await Installation()
        let first = try await house.operatorPerson()
        let staff = house.desk.staff
        let sam = try await house.desk.accounts.create(identifier: "sam@vendor.example", displayName: "Sam", by: Installation.shell)
        #expect(
            try await refusalCode { try await staff.give(.sandbox, as: .operates, to: sam.id, by: first.principal) } == "not-an-operator")
        try await staff.give(.sandbox, as: .supports, to: sam.id, by: first.principal)
        #expect(try await !staff.isOperator(sam.id))
        let principal = Principal(.account(sam.id))
        #expect(try await refusalCode { try await staff.requireReach(to: .sandbox, principal) } == "beyond-own-access")
        #expect(
            try await refusalCode { try await staff.give(.sandbox, as: .supports, to: first.account, by: principal) } == "operators-only")
        // Who is disabled has access to nothing, and is shown to nobody.
        try await house.desk.accounts.disable(sam.id, by: first.principal)
        #expect(try await staff.access().allSatisfy { $0.account == first.account })
    }

    @Test func `production is for a handful`() async throws {
        let house = try await Installation()
        let first = try await house.operatorPerson()
        for number in 1...StaffAccess.handful {
            let one = try await house.desk.accounts.create(
                identifier: "s\(number)@vendor.example", displayName: "S", by: Installation.shell)
            let code = try await refusalCode {
                try await house.desk.staff.give(.production, as: .supports, to: one.id, by: first.principal)
            }
            #expect(code == (number < StaffAccess.handful ? nil : "handful"))
        }
    }
}
