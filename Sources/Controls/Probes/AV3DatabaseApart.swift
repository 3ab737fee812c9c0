import Storage
import Vocabulary

extension Control {
    static let databaseApart = automated(
        "AV-3", "Database and web servers apart", "LM",
        "The database can run on machines of its own, reached over TLS and from the platform's addresses only.",
        every: .hours(6), DatabaseApart())
}

/// Asks the database server how it is reached.
struct DatabaseApart: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        guard let ask = platform.databaseServer else {
            throw CannotProbe("the databases are files on the machine that serves them; a server of their own needs PostgreSQL")
        }
        let server = try await ask()
        guard let address = server.address, address != server.clientAddress else {
            throw CannotProbe("the database server runs on this node's own machine")
        }
        var findings = Findings()
        findings.facts["server_version"] = .string(server.version)
        findings.facts["encryption"] = server.encryption.map { .string($0) } ?? .null
        findings.expect(server.encryption != nil, "the connection to the database server is not encrypted")
        findings.expect(server.isVerified, "the database server's certificate is not verified")
        for problem in Admission.problems(of: server) { findings.expect(false, problem) }
        return findings.evidence(
            "The database server is a machine of its own, reached by \(server.encryption ?? "nothing") with its certificate verified.")
    }
}
