// swift-tools-version: 6.2
import PackageDescription

// The layers of docs/architecture.md: a target imports only what stands below it.
// `script/bootstrap` builds the encrypted SQLite into .deps; the tidy test and the storage
// engine both refuse to go on with another library.

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    // The layers are many small modules: without this every generic call between two of them is made unspecialised.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

let engineLibrary: [LinkerSetting] = [.unsafeFlags(["-L\(Context.packageDirectory)/.deps/lib", "-use-ld=lld"])]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdHTTP2: Target.Dependency = .product(name: "HummingbirdHTTP2", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let jwt: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")

func layer(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)",
        swiftSettings: settings, linkerSettings: engineLibrary)
}

let package = Package(
    name: "holdfast",
    products: [.executable(name: "holdfast", targets: ["Holdfast"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // C libraries. No pkgConfig: its -L of the system's folder would come before ours, and Debian's SQLite would win.
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSSH", providers: [.apt(["libssh-dev"])]),
        .systemLibrary(name: "CPostgres", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CGFShare", providers: [.apt(["libgfshare-dev"])]),
        .systemLibrary(name: "CQREncode", providers: [.apt(["libqrencode-dev"])]),
        .target(name: "CPortalFiles"),
        .target(name: "CAPIDescription"),
        .target(name: "CSQLiteCipher", linkerSettings: [.linkedLibrary("m"), .linkedLibrary("pthread")]),

        // 0
        layer("Vocabulary", []),
        layer("Threads", [nioPosix]),
        // 1
        layer("Sealing", ["Vocabulary", "CSodium", "CGFShare", crypto, cryptoExtras, x509, .product(name: "SwiftASN1", package: "swift-asn1"), nioCore, nioPosix]),
        layer("Ledger", ["Vocabulary", crypto]),
        layer("WebAuthn", ["Vocabulary", crypto, cryptoExtras]),
        layer("Storage", ["Vocabulary"]),
        layer("StorageSQLite", ["Vocabulary", "Storage", "CSQLiteCipher", grdb, .product(name: "GRDBSQLite", package: "GRDB.swift")]),
        layer("StoragePostgres", ["Vocabulary", "Storage", "CPostgres", crypto]),
        layer("Curl", ["Vocabulary", "CCurl"]),
        layer("Mail", ["Vocabulary", "Threads", "CCurl", "Curl", nioCore, nioPosix]),
        layer("ObjectStores", ["Vocabulary", "Threads", "CCurl", "Curl", "CSSH", crypto]),
        layer("PgBackRest", ["Vocabulary", "Threads"]),
        layer("Cluster", ["Vocabulary", "Sealing", "Storage", logging, serviceLifecycle]),
        // 2
        layer("Moving", ["Vocabulary", "Storage", crypto]),
        layer("Audit", ["Vocabulary", "Storage", "Ledger", "ObjectStores", crypto]),
        layer("Jobs", ["Vocabulary", "Cluster", "Storage", "Sealing", "Mail", logging, serviceLifecycle]),
        layer("Tenants", ["Vocabulary", "Cluster", "Storage", "Sealing", "Moving", "Audit"]),
        // 3
        layer("Identity", ["Vocabulary", "Threads", "Cluster", "WebAuthn", "Storage", "Sealing", "Mail", "Audit", "Tenants", "Jobs", "CQREncode", crypto]),
        layer("Records", ["Vocabulary", "Storage", "Moving", "Audit", "Jobs", crypto]),
        layer("Backup", ["Vocabulary", "Threads", "Sealing", "Cluster", "Storage", "StorageSQLite", "ObjectStores", "Audit", "Tenants", crypto, logging, serviceLifecycle]),
        // 4
        layer("Recovery", ["Vocabulary", "Threads", "Storage", "StorageSQLite", "StoragePostgres", "PgBackRest", "Sealing", "ObjectStores", "Audit", "Jobs", "Tenants", "Records", "Backup", logging]),
        layer("OwnCopies", ["Vocabulary", "Threads", "Storage", "StorageSQLite", "Sealing", "ObjectStores", "Audit", "Jobs", "Tenants", "Identity", "Records", "Backup", logging]),
        layer("Guarding", ["Vocabulary", "Cluster", "Storage", "Audit", "Identity", logging]),
        layer("OIDCProvider", ["Vocabulary", "Cluster", "Storage", "Sealing", "Audit", "Tenants", "Identity", crypto, cryptoExtras]),
        // 5
        layer("Alarms", ["Vocabulary", "Threads", "Storage", "Sealing", "CCurl", "Curl", "Mail", "Audit", "Jobs", "Identity", "Guarding", crypto]),
        // 6
        layer("Controls", ["Vocabulary", "Threads", "Storage", "StorageSQLite", "Backup", "OwnCopies", "Sealing", "Moving", "Ledger", "ObjectStores", "Audit", "Jobs", "Tenants", "Identity", "Guarding", "Alarms", "Records", "OIDCProvider", logging, serviceLifecycle, nioCore, nioPosix, nioSSL, crypto, .product(name: "NIOTLS", package: "swift-nio")]),
        layer("Demo", ["Vocabulary", "Storage", "Sealing", "Audit", "Jobs", "Tenants", "Identity", "Records"]),
        // 7
        layer("Web", [
            "Vocabulary", "Cluster", "Storage", "Sealing", "Tenants", "Identity", "Guarding", "OIDCProvider", hummingbird, hummingbirdHTTP2, hummingbirdTLS, logging, serviceLifecycle, nioCore, nioPosix, nioSSL, x509,
            .product(name: "HummingbirdCore", package: "hummingbird"),
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "NIOCertificateReloading", package: "swift-nio-extras"),
            .product(name: "NIOExtras", package: "swift-nio-extras"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            .product(name: "NIOTLS", package: "swift-nio"),
            .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            .product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        ]),
        layer("API", ["Vocabulary", "CAPIDescription", "Storage", "Audit", "Tenants", "Identity", "Alarms", "Records", "Backup", "Recovery", "OwnCopies", "Jobs", "OIDCProvider", "Controls", "Web", hummingbird, logging, nioCore, .product(name: "HTTPTypes", package: "swift-http-types")], exclude: ["openapi.json"]),
        layer("Portal", ["Vocabulary", "CPortalFiles", "Cluster", "Storage", "Audit", "Tenants", "Identity", "Guarding", "Alarms", "Records", "Backup", "Recovery", "OwnCopies", "Jobs", "OIDCProvider", "Controls", "Web", hummingbird, mustache, crypto, logging, nioCore, .product(name: "HTTPTypes", package: "swift-http-types")], exclude: ["Assets", "Templates"]),
        // 8
        layer("Wiring", ["Vocabulary", "Threads", "Cluster", "Storage", "StorageSQLite", "StoragePostgres", "PgBackRest", "Sealing", "Ledger", "ObjectStores", "Mail", "Audit", "Jobs", "Tenants", "Identity", "Guarding", "Alarms", "Records", "Backup", "Recovery", "OwnCopies", "OIDCProvider", "Controls", "Demo", "Web", "API", "Portal", hummingbird, logging, serviceLifecycle, nioCore]),
        .executableTarget(
            name: "Holdfast",
            dependencies: [
                "Vocabulary", "Threads", "Cluster", "Storage", "StorageSQLite", "StoragePostgres", "PgBackRest", "Sealing", "Ledger", "ObjectStores", "Mail", "Audit", "Jobs", "Tenants", "Identity", "Records", "Backup", "Recovery", crypto,
                "OIDCProvider", "Controls", "Demo", "Web", "API", "Portal", "Wiring", hummingbird, logging, serviceLifecycle, nioCore, nioPosix,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            swiftSettings: settings, linkerSettings: engineLibrary),

        // Measurements, started by script/bench
        .executableTarget(
            name: "EngineBench",
            dependencies: [
                "Vocabulary", "Cluster", "WebAuthn", "Storage", "StorageSQLite", "StoragePostgres", "Sealing", "Audit", "Identity", "Jobs", "Tenants", "Records", "ObjectStores", "Threads", "Backup", "PasskeyTesting", "IdentityTesting",
            ],
            path: "Benchmarks/Engine",
            swiftSettings: settings, linkerSettings: engineLibrary),

        // Tests
        .target(name: "TestSupport", dependencies: ["Vocabulary", "Storage", "StorageSQLite", "StoragePostgres"], path: "Tests/Support", swiftSettings: settings),
        .target(name: "PortalSamples", dependencies: ["Vocabulary", "Records", "Recovery", "Tenants", "Portal"], path: "Tests/PortalSamples", swiftSettings: settings),
        .target(
            name: "IdentityTesting",
            dependencies: ["Vocabulary", "Storage", "StorageSQLite", "Sealing", "Audit", "Identity", "OIDCProvider", "TestSupport", crypto],
            path: "Tests/IdentityTesting", swiftSettings: settings),
        tests("Vocabulary", ["Vocabulary"]),
        tests("Cluster", ["Vocabulary", "Cluster", "Sealing", "Storage", "StorageSQLite", logging]),
        tests("Sealing", ["Vocabulary", "Sealing", "CSodium", crypto, cryptoExtras, x509, .product(name: "SwiftASN1", package: "swift-asn1")]),
        tests("Mail", ["Vocabulary", "Sealing", "Mail"]),
        tests("ObjectStores", ["Vocabulary", "Sealing", "ObjectStores", crypto]),
        tests("PgBackRest", ["Vocabulary", "PgBackRest"]),
        tests("Jobs", ["Vocabulary", "Cluster", "Storage", "StorageSQLite", "Sealing", "Mail", "Jobs", logging, serviceLifecycle]),
        tests("Ledger", ["Vocabulary", "Ledger", crypto]),
        .target(name: "PasskeyTesting", dependencies: ["Vocabulary", "WebAuthn", crypto, cryptoExtras], path: "Tests/PasskeyTesting", swiftSettings: settings),
        tests("WebAuthn", ["Vocabulary", "WebAuthn", "PasskeyTesting", crypto]),
        tests("Storage", ["Vocabulary", "Storage", "StorageSQLite", "StoragePostgres", "CSQLiteCipher", "CrashWriter"]),
        .executableTarget(
            name: "CrashWriter", dependencies: ["Vocabulary", "Storage", "StorageSQLite", "ObjectStores", "Backup", logging], path: "Tests/CrashWriter", swiftSettings: settings,
            linkerSettings: engineLibrary),
        tests("Audit", ["Vocabulary", "Storage", "StorageSQLite", "Ledger", "ObjectStores", "Audit", crypto]),
        tests("Moving", ["Vocabulary", "Storage", "StorageSQLite", "StoragePostgres", "Moving"]),
        tests("Tenants", ["Vocabulary", "Cluster", "Storage", "StorageSQLite", "StoragePostgres", "Sealing", "Moving", "Audit", "Jobs", "Records", "Tenants"]),
        tests("Identity", ["Vocabulary", "Cluster", "Storage", "StorageSQLite", "Sealing", "Audit", "Tenants", "Jobs", "Identity", "IdentityTesting", "PasskeyTesting"]),
        tests("Guarding", ["Vocabulary", "Cluster", "Storage", "StorageSQLite", "Sealing", "Audit", "Tenants", "Identity", "IdentityTesting", "Guarding", logging]),
        tests("Alarms", ["Vocabulary", "Storage", "Sealing", "Audit", "Tenants", "Jobs", "Identity", "IdentityTesting", "Guarding", "Alarms"]),
        tests("Records", ["Vocabulary", "Storage", "StorageSQLite", "Audit", "Jobs", "Records"]),
        tests("Backup", ["Vocabulary", "Threads", "Sealing", "Storage", "StorageSQLite", "ObjectStores", "Tenants", "Backup", "CrashWriter", logging]),
        tests("OIDCProvider", ["Vocabulary", "Storage", "StorageSQLite", "Sealing", "Audit", "Tenants", "Identity", "IdentityTesting", "PasskeyTesting", "OIDCProvider", jwt, crypto]),
        tests("Controls", ["Vocabulary", "Backup", "OwnCopies", "Storage", "StorageSQLite", "Sealing", "Ledger", "ObjectStores", "Audit", "Jobs", "Tenants", "Identity", "IdentityTesting", "Guarding", "Alarms", "Records", "OIDCProvider", "Controls", logging, nioCore, nioPosix, nioSSL]),
        tests("Web", ["Vocabulary", "Sealing", "Web", hummingbird, hummingbirdTesting, logging, nioCore, nioPosix, nioSSL, serviceLifecycle, .product(name: "HTTPTypes", package: "swift-http-types")]),
        tests("API", ["Vocabulary", "Storage", "StorageSQLite", "Audit", "Tenants", "Identity", "IdentityTesting", "Alarms", "Jobs", "Records", "Recovery", "OwnCopies", "Controls", "Web", "API", hummingbird, logging, nioCore, .product(name: "HTTPTypes", package: "swift-http-types")]),
        tests("Authentication", ["Vocabulary", "Storage", "Identity", "IdentityTesting", "Guarding", "OIDCProvider", "Web", hummingbird, logging, nioCore, .product(name: "HTTPTypes", package: "swift-http-types")]),
        tests("Portal", ["Vocabulary", "CPortalFiles", "Web", "Portal", "PortalSamples", mustache]),
        tests("Wiring", ["Vocabulary", "Threads", "Backup", "Recovery", "OwnCopies", "Cluster", "Storage", "StorageSQLite", "StoragePostgres", "Audit", "Identity", "Guarding", "IdentityTesting", "Records", "OIDCProvider", "Jobs", "Sealing", "ObjectStores", "Mail", "Tenants", "Web", "Wiring", logging, serviceLifecycle]),
        tests("Demo", ["Vocabulary", "Demo"]),
        tests("Tidy", []),
    ]
)
