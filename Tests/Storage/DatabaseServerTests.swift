import Storage
import StoragePostgres
import TestSupport
import Testing
import Vocabulary

/// What an engine tells of the server that it stands on.
@Suite struct DatabaseServerTests {
    @Test func `a server tells how it is reached, and its rules only to a role that may see them`() async throws {
        let cluster = try PostgresCluster.shared.get()
        let near = try await PostgresPlace(cluster).start()
        let bySocket = try await near.server()
        await near.shutdown()
        #expect(bySocket.address == nil && bySocket.encryption == nil && !bySocket.isVerified && bySocket.rules == nil)
        #expect(bySocket.version.hasPrefix("1"), "\(bySocket.version)")

        // The shared server's; nobody else looks at its rules.
        try cluster.showRules()
        let far = try await PostgresPlace(cluster).start {
            $0.host = "localhost"
            $0.tls = .verifyFull
            $0.tlsAuthorities = cluster.folder + "/server.crt"
            $0.password = { PostgresCluster.password }
        }
        let byNetwork = try await far.server()
        await far.shutdown()
        #expect(byNetwork.address == "127.0.0.1" || byNetwork.address == "::1")
        #expect(byNetwork.clientAddress == byNetwork.address)
        #expect(byNetwork.encryption?.hasPrefix("TLSv1.") == true && byNetwork.isVerified)
        let rules = try #require(byNetwork.rules)
        #expect(rules.contains { $0.kind == "local" && $0.addresses.isEmpty })
        #expect(rules.contains { $0.kind.hasPrefix("host") && $0.method == "scram-sha-256" }, "\(rules)")
    }
}
