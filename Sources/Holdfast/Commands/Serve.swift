import ArgumentParser
import Foundation

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the platform.",
        discussion: """
            Example: holdfast serve --data ./data --listen 127.0.0.1:8443

            On a localhost apex this is a development installation: it makes its own certificate authority, writes mail to
            DIR/mail and makes a master key on the first start. On any other apex nothing is made silently: give
            --master-key or a systemd credential named holdfast-master-key, --certificate, --private-key and --smtp.

            With --database postgres://USER@HOST:PORT/PREFIX several nodes serve one installation. Each has a --data of its own
            for its socket, certificates and mail; the databases and the keyring lie on the server.
            """)

    @Option(help: "The data directory.") var data: String = ProcessInfo.processInfo.environment["HOLDFAST_DATA"] ?? "./data"
    @Option(help: "The address and port to listen on.") var listen = "127.0.0.1:8443"
    @Option(help: "The installation's own host name; tenants are one label below it.") var apex = "holdfast.localhost"
    @Option(help: "The port in the addresses that people see, where a proxy or port forwarding makes it another than --listen's.")
    var publicPort: Int?
    @Flag(help: "Fill an empty data directory with three demo tenants and real records.") var demo = false
    @Option(
        help: ArgumentHelp(
            "The file with the master key: 32 bytes, readable by this user alone. Given twice, the one that fits the keyring is taken, and the other when the key is rotated on another node."
        ))
    var masterKey: [String] = []
    @Option(
        help:
            "Where the databases lie, for several nodes: postgres://USER@HOST:PORT/PREFIX?sslrootcert=FILE. In files of --data if left out."
    )
    var database: String?
    @Option(help: "A PostgreSQL server that environments can be moved to from files of --data, and back: postgres://USER@HOST:PORT/PREFIX.")
    var furtherDatabase: String?
    @Option(help: "Where the keyring's database lies, best on another server than --database. Beside the others if left out.")
    var keyringDatabase: String?
    @Option(help: "A file with the database's password, readable by this user alone; or the systemd credential holdfast-database-password.")
    var databasePasswordFile: String?
    @Option(help: "The keyring's directory. DIR/keyring if left out; best on another disk than the data.") var keyring: String?
    @Option(
        help:
            "Where the logs' signed hashes are published: s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION, or a directory. DIR/objects if left out."
    )
    var objects: String?
    @Option(help: "A file with the object store's key id and secret key, a line each, readable by this user alone.")
    var objectsKeyFile: String?
    @Option(help: "Authorities (PEM) to trust for the object store, instead of the system's.") var objectsAuthorities: String?
    @Option(
        help: ArgumentHelp(
            "Where every commit of databases in files is shipped to: a directory, best on another disk, s3://… or sftp://…; as often as there are places.",
            discussion: """
                After a comma: region=REGION (only what lies in it or its pair goes there), append-only (nothing can be deleted there), confirms (editions \
                that promise it wait for this place before a change is answered), key-file=FILE, authorities=FILE (s3), known-hosts=FILE (sftp). \
                Example: --backup /mnt/backup,confirms --backup 's3://bucket/backup?region=eu-central-1,region=eu-north,key-file=/etc/holdfast/s3'
                """))
    var backup: [String] = []
    @Option(
        help: ArgumentHelp(
            "What keeps the databases of --database: a configuration file of pgBackRest, then after a comma stanza=NAME where it has several.",
            discussion: """
                After a comma also passphrase-file=FILE, where the file lacks repo1-cipher-pass. The repository must be encrypted. \
                Example: --pgbackrest /etc/pgbackrest/pgbackrest.conf,stanza=main
                """))
    var pgbackrest: String?
    @Option(help: "TLS certificate chain (PEM). Reloaded when the file changes.") var certificate: String?
    @Option(help: "TLS private key (PEM).") var privateKey: String?
    @Option(help: "Where mail goes: smtps://HOST:PORT, or smtp://HOST:PORT with STARTTLS.") var smtp: String?
    @Option(help: "The relay's user name, if it asks for one.") var smtpUser: String?
    @Option(help: "A file with the relay's password, readable by this user alone.") var smtpPasswordFile: String?
    @Option(help: "The sender's address of mail.") var mailFrom: String?
    @Option(help: "An address range (CIDR) of proxies whose forwarded headers are believed. May be repeated.") var trustedProxy: [String] =
        []
    @Flag(help: "Connections of trusted proxies begin with a PROXY protocol header (version 2), and those of all others don't.")
    var proxyProtocol = false
    @Option(
        help:
            "The table of which country an address is in, made by script/lib/locations. Without it places are networks only.")
    var locations: String?
    @Flag(help: "Ban this machine's own addresses (127.0.0.0/8, ::1) like any other. For trying out the guard.")
    var guardLoopback = false
    @Option(
        help:
            "An address range (CIDR) inside your own network that webhooks may go to, also without TLS. May be repeated; the internet is always permitted."
    )
    var webhookNetwork: [String] = []
    @Option(help: "A list of stolen passwords, made by 'holdfast password-list build'. New passwords must not be in it.")
    var breachedPasswords: String?
    @Option(
        help:
            "On SIGTERM, answer 503 at /health/ready for this many seconds before the listeners close, so that a balancer looks elsewhere.")
    var drain = 0
    @Option(help: "Also listen for plain HTTP from trusted proxies on this loopback address.") var listenPlain: String?

    func run() async throws {
        let configuration = try Configuration(self)
        try await Serving.run(configuration)
    }
}
