import Glibc
import Storage
import Vocabulary

/// Where the server is, who we are there, and how much of it may be used.
package struct PostgresOptions: Sendable {
    /// As in libpq's documentation, section 34.19.
    package enum TLSMode: String, Sendable, CaseIterable {
        case disable, prefer, require
        case verifyAuthority = "verify-ca"
        case verifyFull = "verify-full"
    }

    /// A name, an address, or a folder with a Unix socket.
    package var host: String
    package var port: Int
    package var user: String
    /// Asked for each connection, and not kept; nil where the server asks for none (a Unix socket, a client certificate).
    package var password: @Sendable () throws -> Secret? = { nil }
    /// All our databases' names begin with it: `holdfast_control`, `holdfast_env_…`.
    package var prefix: SQLName
    /// Where we are while a database of ours is made or removed.
    package var maintenanceDatabase = "postgres"
    package var tls: TLSMode
    /// File with the authorities that may have signed the server's certificate. Nil: the system's.
    package var tlsAuthorities: String?

    /// Connections of this node, all databases together. Two of them are for making and removing databases.
    package var connections = 20
    /// Reads that may wait for a connection, all databases together.
    package var waitingReads = 4096
    /// Writes that may wait in one database.
    package var waitingWrites = 1024
    /// How long work waits before it is refused as overloaded.
    package var waitingMax = Duration.seconds(10)
    /// How long a server that is out of reach is tried again, before work is refused as overloaded.
    package var reconnecting = Duration.seconds(2)
    package var connectTimeout = Duration.seconds(5)
    /// Begins the names of templates. Given where several installations share them on one server; then none is removed for being old.
    package var sharedTemplates: SQLName?

    /// Whether a start removes what interrupted creations left. Not where the server only reads another one's log.
    package var sweepsLeftovers = true

    package static let connectionsMin = 4
    static let prefixLengthMax = 20

    package init(host: String, port: Int = 5432, user: String, prefix: SQLName = "holdfast", tls: TLSMode? = nil) {
        self.host = host
        self.port = port
        self.user = user
        self.prefix = prefix
        self.tls = tls ?? (Self.staysOnThisMachine(host) ? .prefer : .verifyFull)
    }

    private static func staysOnThisMachine(_ host: String) -> Bool {
        host.hasPrefix("/") || host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    var readers: Int { max(connections - writers - 2, 1) }
    var writers: Int { max((connections - 2) / 4, 1) }
}

extension PostgresOptions {
    /// Why an address can't be used; the text is for the person who wrote it.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
        init(_ description: String) { self.description = description }
    }

    /// Reads `postgres://user@host:port/prefix?sslmode=…&sslrootcert=…`.
    ///
    /// Also understood: `host` (a folder with a Unix socket), `maintenance` (the database to connect to when one of ours is made) and `connections`.
    /// - Throws: ``Malformed``.
    package init(url: String) throws {
        guard let scheme = ["postgres://", "postgresql://"].first(where: url.hasPrefix) else {
            throw Malformed("A database address looks like postgres://user@host:5432/holdfast.")
        }
        let rest = url.dropFirst(scheme.count)
        guard !rest.contains("#") else { throw Malformed("A database address has no part after #.") }
        let halves = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let (user, place) = try Self.userAndPlace(parts[0])
        var (host, port) = try Self.hostAndPort(place)
        let name = try Self.decoded(parts.count > 1 ? parts[1] : "")
        guard let prefix = SQLName(name.isEmpty ? "holdfast" : name), prefix.text.utf8.count <= Self.prefixLengthMax else {
            throw Malformed(
                "The address ends with a prefix for database names: 1 to \(Self.prefixLengthMax) of a–z, 0–9 and _, not '\(name)'.")
        }
        var settings: [String: String] = [:]
        for setting in (halves.count > 1 ? halves[1] : "").split(separator: "&") {
            let words = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard words.count == 2 else { throw Malformed("The address has '\(setting)' where a setting like sslmode=require belongs.") }
            let key = String(words[0])
            guard key != "password" else { throw Self.passwordInside }
            guard ["sslmode", "sslrootcert", "host", "maintenance", "connections"].contains(key) else {
                throw Malformed(
                    "The address has a setting '\(key)', which is not one of sslmode, sslrootcert, host, maintenance and connections.")
            }
            guard settings.updateValue(try Self.decoded(words[1]), forKey: key) == nil else {
                throw Malformed("The address has '\(key)' twice.")
            }
        }
        if let folder = settings["host"] {
            guard host.isEmpty else { throw Malformed("The address names a host twice: before the path and as a setting.") }
            host = folder
        }
        if host.isEmpty { host = "/var/run/postgresql" }
        var tls: TLSMode?
        if let mode = settings["sslmode"] {
            guard let known = TLSMode(rawValue: mode) else {
                throw Malformed("sslmode is one of \(TLSMode.allCases.map(\.rawValue).joined(separator: ", ")), not '\(mode)'.")
            }
            tls = known
        }
        self.init(host: host, port: port, user: user, prefix: prefix, tls: tls)
        if let file = settings["sslrootcert"] {
            guard file.hasPrefix("/") else { throw Malformed("sslrootcert is the whole path of a file, not '\(file)'.") }
            tlsAuthorities = file
        }
        if let maintenance = settings["maintenance"] { maintenanceDatabase = maintenance }
        if let text = settings["connections"] {
            guard let count = Int(text), (Self.connectionsMin...1000).contains(count) else {
                throw Malformed("connections is a number from \(Self.connectionsMin) to 1000, not '\(text)'.")
            }
            connections = count
        }
        port = self.port
    }

    private static let passwordInside = Malformed(
        "The address holds a password, which everybody on this machine could read in the list of processes. Put it into a file and give that."
    )

    private static func userAndPlace(_ text: Substring) throws -> (user: String, place: Substring) {
        guard let at = text.lastIndex(of: "@") else { throw Malformed("The address names no user: postgres://user@host/….") }
        let user = text[..<at]
        guard !user.contains(":") else { throw passwordInside }
        guard !user.isEmpty else { throw Malformed("The address names no user: postgres://user@host/….") }
        return (try decoded(user), text[text.index(after: at)...])
    }

    private static func hostAndPort(_ place: Substring) throws -> (host: String, port: Int) {
        var host = place
        var port: Substring?
        if place.hasPrefix("[") {
            guard let end = place.firstIndex(of: "]") else { throw Malformed("The address has [ without ].") }
            host = place[place.index(after: place.startIndex)..<end]
            let rest = place[place.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw Malformed("The address has '\(rest)' behind its host.") }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = place.lastIndex(of: ":") {
            host = place[..<colon]
            port = place[place.index(after: colon)...]
            guard !host.contains(":") else { throw Malformed("An IPv6 address stands in brackets: [::1]:5432.") }
        }
        guard !host.contains(",") else { throw Malformed("The address names several hosts; give one, such as the balancer before them.") }
        guard let port else { return (try decoded(host), 5432) }
        guard let number = Int(port), (1...65_535).contains(number) else {
            throw Malformed("The port is a number from 1 to 65535, not '\(port)'.")
        }
        return (try decoded(host), number)
    }

    private static func decoded(_ text: Substring) throws -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16) else {
                throw Malformed("The address has a % that is not followed by two digits of base 16.")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !decoded.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw Malformed("The address has characters that no name has.")
        }
        return decoded
    }
}
