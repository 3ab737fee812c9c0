import Glibc
import Storage

extension PostgresEngine: ServedEngine {
    package func server() async throws -> DatabaseServer {
        let isVerified = options.tls == .verifyFull
        return try await building { try $0.server(isVerified: isVerified) }
    }
}

extension Catalogue {
    /// What the server says of itself and of the connection that asks.
    func server(isVerified: Bool) throws -> DatabaseServer {
        try administered { session in
            let found = try session.run(
                """
                SELECT current_setting('server_version'), host(inet_server_addr()), host(inet_client_addr()),
                    (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), current_setting('listen_addresses')
                """
            ).rows.first
            guard let row = found else { throw StorageError.failed("PostgreSQL says nothing of itself") }
            return DatabaseServer(
                version: try row.get(0), address: try row.get(1), clientAddress: try row.get(2), encryption: try row.get(3),
                isVerified: isVerified, listensAt: try row.get(4), rules: try rules(session))
        }
    }

    /// Nil where our role may not see them, as is usual.
    private func rules(_ session: Session) throws -> [DatabaseServer.Rule]? {
        let mayLook = try session.run(
            "SELECT has_table_privilege('pg_hba_file_rules', 'SELECT') AND has_function_privilege('pg_hba_file_rules()', 'EXECUTE')"
        ).rows.first?.get(0, as: Bool.self)
        guard mayLook == true else { return nil }
        return try session.run(
            "SELECT type, address, netmask, auth_method FROM pg_hba_file_rules WHERE error IS NULL ORDER BY line_number"
        ).rows.map { row in
            let mask = try row.get(2, as: String?.self).flatMap(Self.prefixLength)
            let address = try row.get(1, as: String?.self) ?? ""
            return DatabaseServer.Rule(
                kind: try row.get(0), addresses: mask.map { "\(address)/\($0)" } ?? address, method: try row.get(3))
        }
    }

    /// How many bits a netmask such as `255.255.0.0` or `ffff::` has.
    private static func prefixLength(_ mask: String) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let family = mask.contains(":") ? AF_INET6 : AF_INET
        guard inet_pton(family, mask, &bytes) == 1 else { return nil }
        return bytes.reduce(0) { $0 + $1.nonzeroBitCount }
    }
}
