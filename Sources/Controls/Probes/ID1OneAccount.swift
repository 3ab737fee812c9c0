import Identity
import Storage
import Vocabulary

extension Control {
    static let oneAccount = automated(
        "ID-1", "One account per person", "BYM",
        "A person has a single account with a single identifier, in whatever spelling it is typed, and every customer who invites that person gets the same one.",
        OneAccount())
}

/// Types one address in every spelling that people and programs find for it, and letters that only look alike; and reads all accounts there are.
struct OneAccount: Probe {
    /// Each with the one that it must be.
    static let spellings: [(typed: String, meant: String)] = [
        ("zoe.lake@holdfast.invalid", "zoe.lake@holdfast.invalid"), ("ZOE.LAKE@HOLDFAST.INVALID", "zoe.lake@holdfast.invalid"),
        ("  Zoe.Lake@Holdfast.invalid\t", "zoe.lake@holdfast.invalid"),
        ("\u{3000}zoe.lake@holdfast.invalid\u{00A0}", "zoe.lake@holdfast.invalid"),
        ("ｚｏｅ．ｌａｋｅ＠ｈｏｌｄｆａｓｔ．ｉｎｖａｌｉｄ", "zoe.lake@holdfast.invalid"), ("zoe.la\u{212A}e@holdfast.invalid", "zoe.lake@holdfast.invalid"),
        ("zo\u{E9}@holdfast.invalid", "zo\u{E9}@holdfast.invalid"), ("zoe\u{301}@holdfast.invalid", "zo\u{E9}@holdfast.invalid"),
        ("ZOE\u{301}@holdfast.invalid", "zo\u{E9}@holdfast.invalid"), ("\u{FB01}nn@holdfast.invalid", "finn@holdfast.invalid"),
    ]
    /// Letters that look like another one, or become it in capitals: never the same account.
    static let strangers = [
        "z\u{43E}e.lake@holdfast.invalid", "zoe.l\u{430}ke@holdfast.invalid", "f\u{131}nn@holdfast.invalid", "F\u{130}NN@holdfast.invalid",
        "zoelake@holdfast.invalid", "zoe.lake+x@holdfast.invalid",
    ]
    /// What is no address at all, for what can't be seen in it.
    static let refused = [
        "zoe. lake@holdfast.invalid", "zoe\u{200B}.lake@holdfast.invalid", "zoe.lake@holdfast.invalid\u{202E}", "zoe\u{0}@holdfast.invalid",
        "zoe.lake@holdfast.invalid\r\nBcc: x@y.example", "zoe.lake@@holdfast.invalid",
    ]

    /// Steps that break the scratch plane.
    var spoiling: [Migration] = []

    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        let spoiling = spoiling
        let (problems, trials) = try await ScratchPlane.lend(on: platform, spoiling: spoiling) { scratch in
            try await Self.play(scratch)
        }
        for problem in problems { findings.expect(false, problem) }
        findings.count("spellings_tried", trials)

        var read = 0
        var last = ""
        while true {
            let after = last
            let page = try await platform.control.read { reader in
                try reader.rows("SELECT identifier FROM account WHERE identifier > \(after) ORDER BY identifier LIMIT 1000").map {
                    try $0.get(0, as: String.self)
                }
            }
            guard let end = page.last else { break }
            read += page.count
            last = end
            let odd = page.count { Text.identifier($0) != $0 }
            findings.expect(odd == 0, "\(odd) accounts are kept under a spelling that nobody can type")
        }
        findings.count("accounts", read)
        return findings.evidence("Each address has one account, in every spelling, and a second invitation joins it.")
    }

    private static func play(_ scratch: ScratchPlane) async throws -> ([String], Int) {
        var problems: [String] = []
        let by = ScratchPlane.itself
        var accounts: [String: AccountID] = [:]
        for meant in Set(spellings.map(\.meant)).sorted() {
            accounts[meant] = try await scratch.accounts.create(identifier: meant, displayName: "Nobody", by: by).id
        }
        for (index, spelling) in spellings.enumerated() {
            let found = try await scratch.accounts.find(identifier: spelling.typed)?.id
            if found != accounts[spelling.meant] { problems.append("spelling \(index) finds another account, or none") }
            if try await scratch.goes({ _ = try await scratch.accounts.create(identifier: spelling.typed, displayName: "Nobody", by: by) })
            {
                problems.append("spelling \(index) could have a second account")
            }
        }
        for (index, stranger) in strangers.enumerated() where try await scratch.accounts.find(identifier: stranger) != nil {
            problems.append("lookalike \(index) finds somebody else's account")
        }
        for (index, text) in refused.enumerated() {
            if try await scratch.goes({ _ = try await scratch.accounts.create(identifier: text, displayName: "Nobody", by: by) }) {
                problems.append("address \(index), which hides something, could have an account")
            }
        }

        // Two customers invite one person, in two spellings.
        let (first, second) = (scratch.tenant(), scratch.tenant())
        let person = try await scratch.people.make("una", by: by)
        for (tenant, spelling) in [(first, "Una@Holdfast.invalid"), (second, "ＵＮＡ@holdfast.invalid")] {
            _ = try await scratch.invitations.invite(spelling, to: tenant, named: "Nobody", roles: ["owner"], by: by)
            let token = try scratch.token(mailedTo: person.identifier)
            _ = try await scratch.invitations.accept(token, in: person.session.session, by: Principal(.account(person.account)))
        }
        if Set(try await scratch.memberships.list(of: person.account).map(\.tenant)) != [first, second] {
            problems.append("two invitations did not join one account")
        }
        return (problems, spellings.count + strangers.count + refused.count)
    }
}
