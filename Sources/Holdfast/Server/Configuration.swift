import Foundation
import ObjectStores
import StoragePostgres
import Vocabulary
import Wiring

/// How this installation runs: what `serve` was told, checked.
struct Configuration: Sendable {
    struct Address: Sendable, Equatable {
        let host: String
        let port: Int

        init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port) else {
                return nil
            }
            let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
            guard !host.isEmpty else { return nil }
            self.host = host
            self.port = port
        }

        /// Where this machine itself reaches it.
        var reachable: String { host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host }

        var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
    }

    enum Objects: Sendable, CustomStringConvertible {
        case directory(String)
        /// The key file is nil where it comes as a systemd credential.
        case s3(S3Place, keyFile: String?, authorities: String?)

        /// The address alone.
        var description: String {
            switch self {
            case .directory(let path): path
            case .s3(let place, _, _): "s3://\(place.bucket)/\(place.prefix) at \(place.endpoint)"
            }
        }
    }

    let data: URL
    let keyring: URL
    let listen: Address
    let plain: Address?
    let apex: String
    let publicPort: Int?
    let demo: Bool
    let masterKeys: [String]
    /// Nil where the databases are files.
    let database: PostgresOptions?
    /// Where environments can be moved to from files.
    let furtherDatabase: PostgresOptions?
    let keyringDatabase: PostgresOptions?
    let credentials: String?
    let objects: Objects
    let backups: [BackupPlace]
    let clusterBackups: ClusterPlace?
    let certificate: (chain: String, key: String)?
    let smtp: (url: String, user: String?, passwordFile: String?)?
    let mailFrom: String
    let trustedProxies: [String]
    let proxyProtocol: Bool
    let guardsLoopback: Bool
    let locations: String?
    let webhookNetworks: [AddressRange]
    let breachedPasswords: String?
    let drain: Duration

    /// For whoever has to start it again elsewhere.
    var facts: ServeFacts {
        let names = credentials.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) } ?? []
        return ServeFacts(
            arguments: Array(CommandLine.arguments.dropFirst(2)), credentials: names,
            archive: backups.map(\.address).joined(separator: ", "))
    }

    /// A localhost apex: conveniences that make things silently are allowed.
    var isDevelopment: Bool { apex == "localhost" || apex.hasSuffix(".localhost") }

    init(_ command: Serve, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        func usage(_ message: String) -> CommandFailure { CommandFailure(message: message, isUsage: true) }

        guard let listen = Address(command.listen) else {
            throw usage("--listen takes HOST:PORT, such as 127.0.0.1:8443; '\(command.listen)' is not one.")
        }
        let apex = command.apex.lowercased()
        guard
            apex.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ label in
                (1...63).contains(label.count) && label.first != "-" && label.last != "-"
                    && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            }), apex.contains(".")
        else { throw usage("--apex takes a host name with at least two labels, such as app.example.com; '\(command.apex)' is not one.") }
        self.listen = listen
        self.apex = apex
        data = URL(fileURLWithPath: command.data).standardizedFileURL
        keyring = command.keyring.map { URL(fileURLWithPath: $0).standardizedFileURL } ?? data.appendingPathComponent("keyring")
        publicPort = command.publicPort
        demo = command.demo
        masterKeys = command.masterKey.map(absolute)
        credentials = environment["CREDENTIALS_DIRECTORY"]
        if let text = command.objects, text.contains("://") {
            do {
                objects = .s3(
                    try S3Place(text), keyFile: command.objectsKeyFile.map(absolute), authorities: command.objectsAuthorities.map(absolute))
            } catch {
                throw usage(error.message)
            }
        } else {
            guard command.objectsKeyFile == nil, command.objectsAuthorities == nil else {
                throw usage("--objects-key-file and --objects-authorities belong to an --objects that is s3://….")
            }
            objects = .directory(command.objects.map(absolute) ?? data.appendingPathComponent("objects").path)
        }
        backups = try BackupPlace.all(command.backup)
        if !backups.isEmpty, command.database != nil {
            throw usage("--backup is for databases in files; for those of --database there is --pgbackrest.")
        }
        clusterBackups = try command.pgbackrest.map { try ClusterPlace($0) }
        if clusterBackups != nil, command.database == nil {
            throw usage("--pgbackrest is for the databases of --database; for those in files there is --backup.")
        }
        database = try Self.database(command.database, command, credentials: credentials)
        keyringDatabase = try Self.database(command.keyringDatabase, command, credentials: credentials)
        furtherDatabase = try Self.database(command.furtherDatabase, command, credentials: credentials)
        if database != nil, furtherDatabase != nil { throw usage("--further-database is of use without --database only.") }
        if database == nil, keyringDatabase != nil { throw usage("--keyring-database is of use with --database only.") }
        switch (command.certificate, command.privateKey) {
        case (let chain?, let key?): certificate = (absolute(chain), absolute(key))
        case (nil, nil): certificate = nil
        default: throw usage("--certificate and --private-key belong together: give both or none.")
        }
        if let url = command.smtp {
            guard url.hasPrefix("smtp://") || url.hasPrefix("smtps://") else {
                throw usage("--smtp takes smtps://HOST:PORT or smtp://HOST:PORT.")
            }
            guard !url.contains("@") else {
                throw usage(
                    "Give the relay's user by --smtp-user and its password by --smtp-password-file: a password in --smtp is seen by everybody on the machine."
                )
            }
            smtp = (url, command.smtpUser, command.smtpPasswordFile.map(absolute))
        } else {
            smtp = nil
        }
        mailFrom = command.mailFrom ?? "holdfast@\(apex)"
        trustedProxies = command.trustedProxy
        guard !command.proxyProtocol || !command.trustedProxy.isEmpty else {
            throw usage("--proxy-protocol needs --trusted-proxy: its headers are believed of proxies that you name.")
        }
        proxyProtocol = command.proxyProtocol
        guardsLoopback = command.guardLoopback
        locations = command.locations.map(absolute) ?? Self.usualLocations.first { FileManager.default.isReadableFile(atPath: $0) }
        breachedPasswords = command.breachedPasswords.map(absolute)
        webhookNetworks = try command.webhookNetwork.map { text in
            guard let range = AddressRange(text) else { throw usage("--webhook-network takes an address range such as 10.1.0.0/16.") }
            return range
        }
        guard (0...600).contains(command.drain) else { throw usage("--drain takes 0 to 600 seconds.") }
        drain = .seconds(command.drain)
        if let text = command.listenPlain {
            guard let address = Address(text), address.isLoopback else {
                throw usage("--listen-plain takes a loopback HOST:PORT: plain HTTP never leaves the machine.")
            }
            guard !command.trustedProxy.isEmpty else {
                throw usage("--listen-plain needs --trusted-proxy: plain HTTP is for a proxy that you name.")
            }
            plain = address
        } else {
            plain = nil
        }
        if !isDevelopment {
            if certificate == nil, plain == nil {
                throw usage("\(apex) needs --certificate and --private-key; only a localhost apex makes its own.")
            }
            if smtp == nil {
                throw usage("\(apex) needs --smtp: invitations go by mail. Only a localhost apex writes them to a directory.")
            }
            if database != nil, masterKeys.isEmpty, credentials == nil {
                throw usage("--database needs --master-key or the systemd credential holdfast-master-key: the same key for every node.")
            }
            if demo { throw usage("--demo is for a localhost apex: it prints how to sign in.") }
        }
    }
}

extension Configuration {
    /// Where the table of countries lies if nobody says where.
    private static let usualLocations = ["/usr/local/share/holdfast/locations", "/usr/share/holdfast/locations"]

    static let passwordCredential = "holdfast-database-password"

    private static func database(_ url: String?, _ command: Serve, credentials: String?) throws -> PostgresOptions? {
        func usage(_ message: String) -> CommandFailure { CommandFailure(message: message, isUsage: true) }
        guard let url else {
            if command.database == nil, command.furtherDatabase == nil, command.databasePasswordFile != nil {
                throw usage("--database-password-file is of use with --database only.")
            }
            return nil
        }
        guard command.keyring == nil || url == command.furtherDatabase else {
            throw usage(
                "With --database the keyring is a database as well: leave --keyring out, or name a server for it with --keyring-database.")
        }
        var options: PostgresOptions
        do { options = try PostgresOptions(url: url) } catch let malformed as PostgresOptions.Malformed {
            let option =
                url == command.database ? "--database" : url == command.furtherDatabase ? "--further-database" : "--keyring-database"
            throw usage("\(option): \(malformed)")
        }
        let credential = credentials.map { $0 + "/" + passwordCredential }.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
        guard let path = command.databasePasswordFile.map(absolute) ?? credential else { return options }
        let file = SecretFile(path: path, what: "The database's password file", isCredential: command.databasePasswordFile == nil)
        _ = try file.read()
        // Read anew for each connection, so that a changed password needs no restart.
        options.password = { try file.secret() }
        return options
    }
}
