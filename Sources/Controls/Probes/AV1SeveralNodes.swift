import Vocabulary

extension Control {
    static let severalNodes = automated(
        "AV-1", "Several web nodes share the load", "BYL",
        "Several web nodes do the same work on one database and keep nothing to themselves, so that any of them can be lost.",
        every: .hours(1), SeveralNodes())
}

/// Counts the nodes that are at work now. That losing one of them loses nothing is shown by a test that kills one.
struct SeveralNodes: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        guard let nodes = platform.nodes else {
            throw CannotProbe("the databases are files on one machine, which one node serves; several nodes need PostgreSQL")
        }
        var findings = Findings()
        let present = try await nodes()
        findings.count("nodes", present.count)
        findings.expect(present.count > 1, "only \(present.count == 1 ? "one node is" : "no node is") at work")
        return findings.evidence("\(present.count) nodes are at work on one database.")
    }
}
