import Storage
import StoragePostgres
import Testing

@Suite struct PostgresOptionsTests {
    @Test func `an address says where, who and how`() throws {
        let options = try PostgresOptions(
            url: "postgres://holdfast@db.example:5433/acme?sslmode=verify-ca&sslrootcert=/etc/ca.pem&connections=40")
        #expect(options.host == "db.example")
        #expect(options.port == 5433)
        #expect(options.user == "holdfast")
        #expect(options.prefix == "acme")
        #expect(options.tls == .verifyAuthority)
        #expect(options.tlsAuthorities == "/etc/ca.pem")
        #expect(options.connections == 40)
        #expect(options.maintenanceDatabase == "postgres")
    }

    @Test(arguments: [
        ("postgres://u@db.example/p", "db.example", 5432, PostgresOptions.TLSMode.verifyFull),
        ("postgresql://u@db.example", "db.example", 5432, .verifyFull),
        ("postgres://u@localhost:6000/p", "localhost", 6000, .prefer),
        ("postgres://u@[::1]:6000/p", "::1", 6000, .prefer),
        ("postgres://u@[2001:db8::1]/p", "2001:db8::1", 5432, .verifyFull),
        ("postgres://u@/p?host=/run/postgresql", "/run/postgresql", 5432, .prefer),
        ("postgres://u@%2Frun%2Fpostgresql/p", "/run/postgresql", 5432, .prefer),
        ("postgres://u@/p", "/var/run/postgresql", 5432, .prefer),
    ])
    func `TLS is verified unless the server is this machine`(url: String, host: String, port: Int, mode: PostgresOptions.TLSMode) throws {
        let options = try PostgresOptions(url: url)
        #expect(options.host == host)
        #expect(options.port == port)
        #expect(options.tls == mode)
    }

    @Test(arguments: [
        ("", "looks like"), ("mysql://u@h/p", "looks like"), ("postgres://h/p", "names no user"), ("postgres://@h/p", "names no user"),
        ("postgres://u:secret@h/p", "password"), ("postgres://u@h/p?password=secret", "password"), ("postgres://u@h:port/p", "port"),
        ("postgres://u@h:70000/p", "port"), ("postgres://u@::1/p", "brackets"), ("postgres://u@a,b/p", "several hosts"),
        ("postgres://u@h/Name", "prefix"), ("postgres://u@h/a-b", "prefix"), ("postgres://u@h/a_name_that_is_too_long", "prefix"),
        ("postgres://u@h/p?sslmode=allow", "sslmode is one of"), ("postgres://u@h/p?sslmode", "setting like"),
        ("postgres://u@h/p?timeout=3", "'timeout'"), ("postgres://u@h/p?sslrootcert=ca.pem", "whole path"),
        ("postgres://u@h/p?sslmode=require&sslmode=disable", "twice"), ("postgres://u@h/p?host=/run", "host twice"),
        ("postgres://u@h/p?connections=3", "connections"), ("postgres://u@h%2/p", "two digits"), ("postgres://u@h%00/p", "characters"),
        ("postgres://u@h/p#x", "after #"),
    ])
    func `what is wrong with an address is said`(url: String, word: String) {
        #expect {
            try PostgresOptions(url: url)
        } throws: { error in
            let text = "\(error)"
            return error is PostgresOptions.Malformed && text.contains(word) && !text.contains("secret")
        }
    }
}
