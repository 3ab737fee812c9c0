import Identity
import Storage
import Vocabulary

extension Control {
    static let invitationsBound = automated(
        "ID-12", "Invitations with chosen rights", "MY",
        "An administrator invites by mail with roles up to their own; an invitation serves one address, once.", InvitationsBound())
}

/// Plays invitations through where nobody is: for somebody new and somebody known, for another address, twice, too late, taken back, by who
/// has left, and with more rights than the inviter has.
struct InvitationsBound: Probe {
    static let racers = 20

    /// Steps that break the scratch plane.
    var spoiling: [Migration] = []

    func check(_ platform: Platform) async throws -> Evidence {
        let spoiling = spoiling
        let (problems, facts) = try await ScratchPlane.lend(on: platform, spoiling: spoiling) { scratch in
            try await Play(scratch).run()
        }
        var findings = Findings()
        for problem in problems { findings.expect(false, problem) }
        for (name, count) in facts { findings.count(name, count) }
        return findings.evidence(
            "Invitations served their address once, for new and known people, and gave no more than the inviter has.")
    }

    private struct Play {
        let scratch: ScratchPlane
        let tenant: TenantID

        init(_ scratch: ScratchPlane) {
            self.scratch = scratch
            tenant = scratch.tenant()
        }

        func run() async throws -> ([String], [String: Int]) {
            var problems: [String] = []
            var trials = 0
            func expect(_ fact: Bool, _ problem: String) {
                trials += 1
                if !fact { problems.append(problem) }
            }
            let owner = try await member("owner", roles: ["owner"], by: ScratchPlane.itself)
            let administrator = try await member("administrator", roles: ["administrator"], by: owner)
            let editor = try await member("editor", roles: ["editor"], by: owner)

            // Rights, up to the inviter's own.
            for (who, roles, vouched, name) in [
                (administrator, ["owner"], Vouched.nothing, "an administrator could invite an owner"),
                (editor, ["reader"], .nothing, "an editor could invite"),
                (editor, ["administrator"], Vouched(["administrator"]), "a customer's own role could invite an administrator"),
                (editor, ["reader", "clerk"], Vouched(["reader"]), "more could be given than was vouched for"),
            ] {
                expect(
                    try await !scratch.goes {
                        _ = try await scratch.invitations.invite(
                            "x@holdfast.invalid", to: tenant, named: "Nobody", roles: roles, vouched: vouched, by: who)
                    }, name)
            }

            // Somebody new, with the roles that were chosen, once.
            let token = try await invite("new@holdfast.invalid", ["editor", "clerk"], by: owner)
            expect(try await accept(token) == 1, "not exactly one of \(InvitationsBound.racers) acceptances at once counted")
            let new = try await scratch.accounts.find(identifier: "new@holdfast.invalid")
            let given = try await scratch.memberships.find(
                new?.id ?? AccountID(at: scratch.clock.now(), entropy: scratch.plane.entropy), in: tenant)
            expect(given?.roles.map(\.name) == ["clerk", "editor"], "somebody new has other roles than were chosen")
            expect(try await accept(token, times: 1) == 0, "an invitation was good twice")

            // Somebody known, with the account that is there, and nobody else.
            let known = try await scratch.people.make("known", by: ScratchPlane.itself)
            let stranger = try await scratch.people.make("stranger", by: ScratchPlane.itself)
            let second = try await invite(known.identifier, ["reader"], by: owner)
            expect(try await !join(second, stranger), "another account could take an invitation")
            expect(try await join(second, known), "the person whom it was for could not take it any more")
            expect(try await !join(second, known), "an invitation was good twice for somebody known")
            expect(try await scratch.memberships.roles(of: stranger.account, in: tenant).isEmpty, "a stranger joined")

            // Too old, taken back, replaced, and by who has left.
            let withdrawn = try await scratch.invitations.invite(
                "a@holdfast.invalid", to: tenant, named: "Nobody", roles: ["reader"], by: owner)
            let withdrawnToken = try scratch.token(mailedTo: "a@holdfast.invalid")
            try await scratch.invitations.withdraw(withdrawn.id, in: tenant, by: owner)
            expect(try await accept(withdrawnToken, times: 1) == 0, "a withdrawn invitation was good")
            let replaced = try await invite("b@holdfast.invalid", ["reader"], by: owner)
            let fresh = try await invite("b@holdfast.invalid", ["reader"], by: owner)
            expect(try await accept(replaced, times: 1) == 0, "an invitation was good after it was sent anew")
            expect(try await accept(fresh, times: 1) == 1, "an invitation that was sent anew was not good")
            let left = try await invite("c@holdfast.invalid", ["administrator"], by: administrator)
            try await scratch.memberships.end(try account(administrator), in: tenant, by: owner)
            expect(try await accept(left, times: 1) == 0, "an invitation of somebody who had left was good")
            let late = try await invite("d@holdfast.invalid", ["reader"], by: owner)
            scratch.clock.turn(by: Invitation.life + .seconds(1))
            expect(try await accept(late, times: 1) == 0, "an invitation was good after its end")

            // And the last owner stays.
            let alone = try account(owner)
            expect(
                try await !scratch.goes { try await scratch.memberships.end(alone, in: tenant, by: owner) }, "the last owner could leave")
            expect(
                try await !scratch.goes { try await scratch.memberships.setRoles(["reader"], of: alone, in: tenant, by: owner) },
                "the last owner could stop being one")
            return (problems, ["trials": trials, "at_once": InvitationsBound.racers])
        }

        private func member(_ name: String, roles: [String], by principal: Principal) async throws -> Principal {
            let person = try await scratch.people.make(name, by: ScratchPlane.itself)
            let token = try await invite(person.identifier, roles, by: principal)
            guard try await join(token, person) else { throw CannotProbe("nobody could be invited") }
            return Principal(.account(person.account))
        }

        private func account(_ principal: Principal) throws -> AccountID {
            guard let account = principal.account else { throw CannotProbe("no account") }
            return account
        }

        private func invite(_ address: String, _ roles: [String], by principal: Principal) async throws -> String {
            _ = try await scratch.invitations.invite(
                address, to: tenant, named: "Nobody", roles: roles, vouched: Vouched(roles), by: principal)
            return try scratch.token(mailedTo: address)
        }

        private func join(_ token: String, _ person: ScratchPeople.Person) async throws -> Bool {
            try await scratch.goes {
                _ = try await scratch.invitations.accept(token, in: person.session.session, by: Principal(.account(person.account)))
            }
        }

        /// How many of several acceptances at once, as somebody new, count.
        private func accept(_ token: String, times: Int = InvitationsBound.racers) async throws -> Int {
            let invitations = scratch.invitations
            let password = Secret(scratch.plane.entropy.bytes(24).map { 33 + $0 % 90 })
            return try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<times {
                    group.addTask {
                        do {
                            _ = try await invitations.accept(
                                token, displayName: "Nobody", password: password, by: Principal(.anonymous), agent: nil)
                            return true
                        } catch let refusal as Refusal {
                            if case .unavailable = refusal.kind { throw refusal }
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
    }
}
