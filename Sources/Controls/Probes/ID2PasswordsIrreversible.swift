import Storage
import Vocabulary

extension Control {
    static let passwordsIrreversible = automated(
        "ID-2", "Passwords can't be read back", "MY",
        "Of a password only an argon2id hash is kept, at the cost that OWASP asks for; nobody, staff included, can read or choose another person's.",
        PasswordsIrreversible())
}

/// Reads every stored credential and the whole control schema: hashes of the right kind and cost, and no other column that could hold a password.
struct PasswordsIrreversible: Probe {
    /// OWASP's password storage cheat sheet: argon2id with 19 MiB and 2 passes, or anything costlier.
    static let leastKibibytes = 19 * 1024
    static let leastPasses = 2
    /// Columns whose names say "password" or "secret" and that hold none; a client's secret is random and only its digest is kept.
    static let innocent: Set<String> = [
        "password.account", "password.set_at", "password_rule.tenant", "password_rule.classic", "password_rule.shortest",
        "oauth_client.secret_digest",
    ]

    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        let hashes = try await platform.control.read { try $0.rows("SELECT hash FROM password").map { try $0.get(0, as: String.self) } }
        let weak = hashes.count { !Self.isStrong($0) }
        findings.count("credentials", hashes.count)
        findings.expect(weak == 0, "\(weak) credentials are not argon2id hashes of OWASP's cost")

        let columns = try await platform.control.read { try SchemaColumns.all($0) }
        findings.count("columns", columns.count)
        for column in columns where column.mayHoldPassword && column.name != "password.hash" && !Self.innocent.contains(column.name) {
            findings.expect(false, "column \(column.name) may hold a password")
        }

        // Whoever could set another's password would name the person in the address.
        let setters = platform.routes.filter { $0.method != "GET" && $0.path.contains("password") && $0.path.contains("{account") }
        for route in setters { findings.expect(false, "\(route.method) \(route.path) reaches another person's password") }
        return findings.evidence("All stored passwords are argon2id hashes of OWASP's cost or more, and nothing else holds one.")
    }

    /// `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
    static func isStrong(_ hash: String) -> Bool {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19", parts[4].count >= 22, parts[5].count >= 43
        else {
            return false
        }
        var cost: [Substring: Int] = [:]
        for pair in parts[3].split(separator: ",") {
            let sides = pair.split(separator: "=")
            guard sides.count == 2, let number = Int(sides[1]) else { return false }
            cost[sides[0]] = number
        }
        return cost["m"] ?? 0 >= leastKibibytes && cost["t"] ?? 0 >= leastPasses && cost["p"] ?? 0 >= 1
    }
}

/// The columns of a database, by `table.column`.
struct SchemaColumns {
    let name: String
    let type: String

    /// Named for a password or secret, and able to hold text. Sealed columns are bytes.
    var mayHoldPassword: Bool {
        let words = ["password", "passwd", "passphrase", "secret", "pwd"]
        return words.contains { name.contains($0) } && !["BLOB", "BYTEA"].contains(type.uppercased())
    }

    static func all(_ reader: any Reader) throws -> [SchemaColumns] {
        let sql: SQL =
            switch reader.dialect {
            case .sqlite:
                """
                SELECT lower(t.name || '.' || c.name), c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
                WHERE t.type = 'table' ORDER BY 1
                """
            case .postgres:
                """
                SELECT lower(table_name || '.' || column_name), data_type FROM information_schema.columns
                WHERE table_schema = current_schema() ORDER BY 1
                """
            }
        return try reader.rows(sql).map { SchemaColumns(name: try $0.get(0), type: try $0.get(1)) }
    }
}
