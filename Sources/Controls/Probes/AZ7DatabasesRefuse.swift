import Storage
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

extension Control {
    static let databasesRefuse = automated(
        "AZ-7", "Databases answer only the platform", "C",
        "A database takes connections from the platform's own addresses and from nowhere else.",
        every: .hours(6), DatabasesRefuse())
}

/// Files: nobody but the platform's own user can open one, and nothing listens. A server: its rules name the addresses that may connect.
struct DatabasesRefuse: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        if let ask = platform.databaseServer { return try await Self.served(by: ask()) }
        guard let directory = platform.directories.databases else { throw CannotProbe("it isn't known where the databases lie") }
        var findings = Findings()
        let owner = geteuid()
        let files = FileSearch.files(below: [directory])
        findings.expect(!files.isEmpty, "there is no database file")
        for path in [directory] + files {
            var status = stat()
            // A database may be closed, and its log removed, while we look.
            guard lstat(path, &status) == 0 else { continue }
            let name = path == directory ? "the databases' directory" : "a database file"
            findings.expect(status.st_uid == owner, "\(name) belongs to another user")
            findings.expect(status.st_mode & 0o077 == 0, "\(name) can be reached by other users")
        }
        findings.count("files", files.count)
        return findings.evidence("The databases are files that only the platform's own user can open; no network leads to them.")
    }

    private static func served(by server: DatabaseServer) throws -> Evidence {
        guard let rules = server.rules else {
            throw CannotProbe(
                "the database server doesn't let our role see its rules; GRANT SELECT ON pg_hba_file_rules and EXECUTE ON FUNCTION pg_hba_file_rules() to it"
            )
        }
        var findings = Findings()
        findings.facts["listens_at"] = .string(server.listensAt)
        findings.facts["admits"] = .array(Admission.networks(rules).sorted().map { .string($0) })
        for problem in Admission.problems(of: server) { findings.expect(false, problem) }
        return findings.evidence("The database server admits named addresses only, each with a proof of who it is.")
    }
}

/// Who may connect to a database server, judged by its rules.
enum Admission {
    /// Addresses from which something is admitted over a network.
    static func networks(_ rules: [DatabaseServer.Rule]) -> Set<String> {
        Set(rules.filter { $0.kind.hasPrefix("host") && $0.method != "reject" }.map(\.addresses))
    }

    static func problems(of server: DatabaseServer) -> [String] {
        var problems: [String] = []
        for rule in server.rules ?? [] where rule.kind.hasPrefix("host") && rule.method != "reject" {
            if isEverywhere(rule.addresses) { problems.append("the database server admits connections from everywhere") }
            let isHere = rule.addresses.hasPrefix("127.") || rule.addresses.hasPrefix("::1") || rule.addresses == "samehost"
            if rule.method == "trust", !isHere { problems.append("the database server admits \(rule.addresses) without any proof") }
            if rule.kind != "hostssl", !isHere { problems.append("the database server admits \(rule.addresses) without encryption") }
        }
        return problems
    }

    private static func isEverywhere(_ addresses: String) -> Bool { addresses == "all" || addresses.hasSuffix("/0") }
}
