import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import ObjectStores

/// What is special about the way to another machine's files.
@Suite(.enabled(if: SSHServer.isInstalled), .timeLimit(.minutes(2))) struct SFTPTests {
    @Test(arguments: [
        "sftp://host/path", "sftp://user@host", "sftp://user@host/", "sftp://user:word@host/path", "sftp://user@host/a/../b",
        "ssh://user@host/a",
        "sftp://user@host/a?b=c",
    ])
    func `a place that is none is refused, a password too`(text: String) {
        #expect(throws: Refusal.self) { try SFTPPlace(text) }
    }

    @Test func `a place says its address`() throws {
        #expect(try "\(SFTPPlace("sftp://backup@vault.example:2222/srv/backup/"))" == "sftp://backup@vault.example:2222/srv/backup")
        #expect(try "\(SFTPPlace("sftp://backup@vault.example/srv"))" == "sftp://backup@vault.example/srv")
    }

    @Test func `a server with another key than the known one gets nothing`() async throws {
        var settings = try await Servers.shared.sftpSettings()
        let home = try TemporaryDirectory()
        settings.knownHosts = home.path + "/known"
        let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
        for text in ["", "[127.0.0.1]:\(settings.place.port) \(other)\n"] {
            try text.write(toFile: settings.knownHosts, atomically: true, encoding: .utf8)
            let store = SFTPStore(settings)
            guard case .settings = try await fault({ try await store.put([1], at: key("a")) }) else {
                Issue.record("an unknown server was spoken to")
                continue
            }
        }
    }

    @Test func `a key that is not let in is denied`() async throws {
        var settings = try await Servers.shared.sftpSettings()
        let home = try TemporaryDirectory()
        settings.keyFile = home.path + "/other"
        try SSHServer.makeKey(settings.keyFile)
        let store = SFTPStore(settings)
        #expect(try await fault { try await store.put([1], at: key("a")) } == .denied)
    }

    @Test func `a server that is away is unavailable, and used again when it is back`() async throws {
        let server = try await SSHServer()
        let place = try SFTPPlace(try server.address("one"))
        var settings = SFTPStore.Settings(place: place, keyFile: server.keyFile, knownHosts: server.knownHosts)
        settings.silence = .seconds(2)
        let store = SFTPStore(settings)
        try await store.put([1, 2], at: key("a"))
        settings.place = try SFTPPlace("sftp://\(server.user)@127.0.0.1:1/nowhere")
        guard case .unavailable = try await fault({ _ = try await SFTPStore(settings).summary(of: key("a")) }) else {
            Issue.record("nobody listens there")
            return
        }
        #expect(try await store.bytes(of: key("a"), atMost: 2) == [1, 2])
    }

    @Test func `half an object is never seen, and what a crashed writer left is swept after a day`() async throws {
        let settings = try await Servers.shared.sftpSettings()
        let clock = ManualClock(SystemClock().now())
        let store = SFTPStore(settings, clock: clock)
        var chunks = Chunks(count: 4, size: 1 << 20)
        chunks.breaksAt = 3
        await #expect(throws: Chunks.Broken()) { try await store.put(chunks, at: key("big"), ifAbsent: true) }
        #expect(try await fault { _ = try await store.summary(of: key("big")) } == .missing)
        let scratch = settings.place.path + "/.scratch"
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch) == [])
        try Data([1]).write(to: URL(fileURLWithPath: scratch + "/left"))
        #expect(try await store.sweep() == 0)
        clock.advance(by: .days(2))
        #expect(try await store.sweep() == 1)
    }
}
