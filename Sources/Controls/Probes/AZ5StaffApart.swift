import Identity
import Storage
import Vocabulary

extension Control {
    static let staffApart = automated(
        "AZ-5", "Few have production access", "BC",
        "Staff hold rights per kind of environment, and a customer sees who has access to its own.",
        every: .hours(6), StaffApart())
}

/// Counts who of the staff reaches what, compares it with what customers are shown, and plays through, where nobody is, that nobody gets more.
struct StaffApart: Probe {
    static let shown = "/vendor"

    /// Steps that break the scratch plane.
    var spoiling: [Migration] = []

    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        guard !platform.routes.isEmpty else { throw CannotProbe("the route table was not handed in") }
        findings.expect(
            platform.routes.contains { $0.door == "environment" && $0.method == "GET" && $0.path == Self.shown },
            "customers have no page that shows them who has access")
        let look = try await platform.control.read { reader in
            (
                kinds: try reader.rows(
                    """
                    SELECT staff_access.kind FROM staff_access JOIN account ON account.id = staff_access.account
                    WHERE account.state = 'active'
                    """
                ).map { try $0.get(0, as: String.self) },
                impostors: try reader.value(
                    """
                    SELECT count(*) FROM staff_access WHERE role = 'operator' AND account NOT IN (SELECT account FROM staff)
                    """, as: Int.self) ?? 0
            )
        }
        for kind in StaffAccess.Kind.allCases { findings.count(kind.rawValue, look.kinds.count { $0 == kind.rawValue }) }
        findings.expect(
            look.kinds.count { $0 == "production" } <= StaffAccess.handful,
            "\(look.kinds.count { $0 == "production" }) people of the staff have access to production")
        findings.expect(look.impostors == 0, "\(look.impostors) people have an operator's access and are none")
        let told = try await Staff(platform.plane).access().map(\.kind.rawValue)
        findings.expect(told.sorted() == look.kinds.sorted(), "what customers are shown is not what there is")

        let spoiling = spoiling
        for problem in try await ScratchPlane.lend(on: platform, spoiling: spoiling, Self.play) { findings.expect(false, problem) }
        return findings.evidence("A handful has access to production, customers see who, and nobody gets more than they are given.")
    }

    private static func play(_ scratch: ScratchPlane) async throws -> [String] {
        var problems: [String] = []
        func expect(_ fact: Bool, _ problem: String) { if !fact { problems.append(problem) } }
        let (staff, itself) = (scratch.staff, ScratchPlane.itself)
        func reaches(_ kind: StaffAccess.Kind, _ principal: Principal) async throws -> Bool {
            try await scratch.goes { try await staff.requireReach(to: kind, principal) }
        }
        let person = try await scratch.people.make(by: itself)
        let new = Principal(.account(person.account))
        try await staff.appoint(person.account, by: itself)
        expect(try await reaches(.sandbox, new), "a new operator doesn't reach sandboxes")
        expect(try await !reaches(.production, new), "a new operator reaches production without having been given it")
        expect(
            try await !scratch.goes { try await staff.give(.production, as: .operates, to: person.account, by: new) },
            "an operator could give production to themselves")
        let helper = try await scratch.people.make(by: itself)
        expect(
            try await !scratch.goes { try await staff.give(.production, as: .supports, to: helper.account, by: new) },
            "an operator could give what they don't have")
        try await staff.give(.sandbox, as: .supports, to: helper.account, by: new)
        expect(try await !reaches(.sandbox, Principal(.account(helper.account))), "support can do what operators do")
        for number in 0...StaffAccess.handful {
            let next = try await scratch.people.make(by: itself)
            let went = try await scratch.goes { try await staff.give(.production, as: .supports, to: next.account, by: itself) }
            expect(
                went == (number < StaffAccess.handful),
                number < StaffAccess.handful ? "production could not be given" : "production was given to more than a handful")
        }
        try await staff.take(.sandbox, from: person.account, by: itself)
        expect(try await !reaches(.sandbox, new), "access that was taken still holds")
        return problems
    }
}
