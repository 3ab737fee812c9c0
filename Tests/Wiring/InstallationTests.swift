import Foundation
import Logging
import Mail
import Sealing
import Storage
import TestSupport
import Testing
import Vocabulary
import Web
import Wiring

@Suite struct InstallationTests {
    struct NoMail: Mailer {
        func send(_ message: Message, id: String) async throws {}
    }

    static let shell = Principal(.shell(user: "olive"))

    static func surroundings(_ directory: TemporaryDirectory, data: String = "data", keyring: Keyring) -> Installation.Surroundings {
        Installation.Surroundings(
            data: directory.path + "/" + data, gateway: Gateway(apex: "holdfast.localhost", port: 8443), keyring: keyring, mailer: NoMail(),
            hasher: PasswordHasher(cost: .least), logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    static func keyring(_ directory: TemporaryDirectory, _ name: String = "keyring") throws -> Keyring {
        let keyring = Keyring(directory: directory.path + "/" + name, clock: SystemClock(), entropy: SystemEntropy())
        let path = directory.path + "/\(name)-master.key"
        let key =
            FileManager.default.fileExists(atPath: path)
            ? try MasterKey.load(from: .file(path)) : try MasterKey.create(at: path, entropy: SystemEntropy())
        try keyring.unseal(with: key)
        return keyring
    }

    static func prepare(_ directory: TemporaryDirectory, _ name: String = "data") throws {
        try FileManager.default.createDirectory(atPath: directory.path + "/" + name, withIntermediateDirectories: true)
    }

    @Test func `what was stored is there after the next start`() async throws {
        let directory = try TemporaryDirectory()
        try Self.prepare(directory)
        let first = try await Installation.open(Self.surroundings(directory, keyring: try Self.keyring(directory)))
        _ = try await first.tenants.create(slug: "acme", name: "Acme", edition: "team", region: "eu-north", by: Self.shell)
        await first.close()
        let second = try await Installation.open(Self.surroundings(directory, keyring: try Self.keyring(directory)))
        #expect(try await second.tenants.find(slug: "acme").name == "Acme")
        await second.close()
    }

    @Test func `an empty data directory beside a keyring that is in use destroys no key`() async throws {
        let directory = try TemporaryDirectory()
        try Self.prepare(directory)
        let first = try await Installation.open(Self.surroundings(directory, keyring: try Self.keyring(directory)))
        _ = try await first.tenants.create(slug: "acme", name: "Acme", edition: "team", region: "eu-north", by: Self.shell)
        await first.close()
        try Self.prepare(directory, "unmounted")
        let keyring = try Self.keyring(directory)
        let owners = try Set(keyring.owners())
        await #expect(throws: InstallationFault.dataIsElsewhere) {
            _ = try await Installation.open(Self.surroundings(directory, data: "unmounted", keyring: keyring))
        }
        #expect(try Set(keyring.owners()) == owners)
        keyring.seal()
        let again = try await Installation.open(Self.surroundings(directory, keyring: try Self.keyring(directory)))
        #expect(try await again.tenants.count() == 1)
        await again.close()
    }

    @Test func `data is not opened with another installation's keyring`() async throws {
        let directory = try TemporaryDirectory()
        try Self.prepare(directory)
        let first = try await Installation.open(Self.surroundings(directory, keyring: try Self.keyring(directory)))
        await first.close()
        await #expect(throws: InstallationFault.keyringIsForeign) {
            _ = try await Installation.open(Self.surroundings(directory, keyring: try Self.keyring(directory, "foreign")))
        }
    }
}
