import Foundation
import Sealing
import TestSupport
import Testing
import Vocabulary

@testable import ObjectStores

/// S3's own ways to go wrong. One server with a door that misbehaves, so one test after the other.
@Suite(.enabled(if: ObjectServer.isInstalled, "needs moto: script/bootstrap --tests"), .serialized, .timeLimit(.minutes(5)))
struct S3Tests {
    private let server: ObjectServer
    private let settings: S3Store.Settings
    private var store: S3Store { S3Store(settings) }

    init() async throws {
        server = try await FaultyServer.shared.server()
        try server.misbehave(.none)
        settings = try Servers.settings(server)
    }

    @Test func `a wrong secret or key id is denied`() async throws {
        var wrong = settings
        wrong.secretKey = Secret("wrong")
        let store = S3Store(wrong)
        #expect(try await fault { try await store.put([1], at: key("a")) } == .denied)
        #expect(try await fault { _ = try await store.bytes(of: key("a"), atMost: 1) } == .denied)
        #expect(try await fault { _ = try await store.list("", after: nil, limit: 1) } == .denied)
        wrong = settings
        wrong.accessKey = "AKIAUNKNOWN"
        #expect(try await fault { try await S3Store(wrong).put([1], at: key("a")) } == .denied)
    }

    @Test func `a missing bucket is not an empty one`() async throws {
        let store = S3Store(try Servers.settings(server, bucket: "no-such-bucket"))
        #expect(try await fault { try await store.put([1], at: key("a")) } == .placeMissing)
        #expect(try await fault { _ = try await store.bytes(of: key("a"), atMost: 1) } == .placeMissing)
        #expect(try await fault { _ = try await store.list("", after: nil, limit: 1) } == .placeMissing)
    }

    @Test func `a busy server and lost connections are asked again, within bounds`() async throws {
        let bytes = Chunks.chunk(3, 70_000)
        for fault in [ObjectServer.Fault.busy(3), .dropped(3), .unanswered(3)] {
            try server.misbehave(fault)
            try await store.put(bytes, at: key("a"))
            try server.misbehave(fault)
            #expect(try await store.bytes(of: key("a"), atMost: bytes.count) == bytes)
            try server.misbehave(fault)
            #expect(try await store.all("").count == 1)
        }
        try server.misbehave(.cut(3))
        #expect(try await store.bytes(of: key("a"), atMost: bytes.count, expecting: ContentDigest(of: bytes)) == bytes)

        try server.misbehave(.busy(1000))
        #expect(try await fault { try await store.put([1], at: key("b")) } == .unavailable(reason: "it answered 503 (SlowDown)"))
        try server.misbehave(.cut(1000))
        #expect(
            try await fault { _ = try await store.bytes(of: key("a"), atMost: bytes.count) }
                == .unavailable(reason: "the answer was cut off"))
        try server.misbehave(.dropped(1000))
        let lost = try await fault { try await store.put([1], at: key("b")) }
        guard case .unavailable = lost else {
            Issue.record("\(String(describing: lost))")
            return
        }
        try server.misbehave(.none)
        #expect(try await fault { _ = try await store.summary(of: key("b")) } == .missing)
    }

    @Test func `a conditional write whose answer was lost knows its own object from another's`() async throws {
        try server.misbehave(.unanswered(1))
        try await store.put([1, 2], at: key("own"), ifAbsent: true)
        try await store.put([3, 4], at: key("others"))
        try server.misbehave(.dropped(1))
        #expect(try await fault { try await store.put([1, 2], at: key("others"), ifAbsent: true) } == .exists)
    }

    @Test func `an upload in parts survives a bad connection and is given up as a whole`() async throws {
        let chunks = Chunks(count: 12, size: 1 << 20)
        try server.misbehave(.dropped(2))
        let stored = try await store.put(chunks, at: key("parts"), ifAbsent: true)
        #expect(stored.size == 12 << 20)
        try server.misbehave(.cut(2))
        #expect(try await store.bytes(of: key("parts"), atMost: 12 << 20, expecting: stored.digest) == chunks.whole)

        let upload = try await S3Upload.begin(store, key: key("abandoned"))
        try await upload.add([1])
        // moto says of every upload that it was begun then.
        let begun = try #require(Instant("2010-11-10T20:48:33.000Z"))
        #expect(try await S3Store(settings, clock: ManualClock(begun + .hours(23))).sweep() == 0)
        #expect(try await S3Store(settings, clock: ManualClock(begun + .hours(25))).sweep() == 1)
        let gone = try await fault { _ = try await upload.complete(ifAbsent: false) }
        // S3 says NoSuchUpload; moto answers 500.
        #expect(gone != nil)
        #expect(try await fault { _ = try await store.summary(of: key("abandoned")) } == .missing)
    }

    @Test func `a server that lies about the bytes is found out`() async throws {
        let bytes = Chunks.chunk(5, 50_000)
        let stored = try await store.put(bytes, at: key("a"))
        try server.misbehave(.otherByte)
        #expect(
            try await fault { _ = try await store.bytes(of: key("a"), atMost: 1 << 20, expecting: stored.digest) }
                == .corrupt(reason: "its digest is another one"))
        try server.misbehave(.shorter)
        #expect(
            try await fault { _ = try await store.bytes(of: key("a"), atMost: 1 << 20) }
                == .corrupt(reason: "it answered another range than asked for"))
    }

    @Test func `a silent server is given up at the deadline`() async throws {
        var settings = settings
        settings.deadline = .milliseconds(400)
        try server.misbehave(.silent)
        let began = ContinuousClock.now
        #expect(try await fault { try await S3Store(settings).put([1], at: key("a")) } == .unavailable(reason: "no answer in time"))
        #expect(ContinuousClock.now - began < .seconds(20))
    }

    @Test func `more requests than may wait are turned away`() async throws {
        var settings = settings
        (settings.threads, settings.waiting, settings.deadline) = (1, 1, .seconds(2))
        let store = S3Store(settings)
        try server.misbehave(.silent)
        let faults = await withTaskGroup(of: ObjectFault?.self) { group in
            for _ in 0..<8 { group.addTask { try? await fault { _ = try await store.summary(of: key("a")) } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(faults.filter { $0 == .overloaded }.count >= 6)
    }

    @Test func `the server's certificate is verified`() async throws {
        let home = try TemporaryDirectory()
        let files = try DevelopmentAuthority(directory: home.path + "/tls").files(apex: "objects.localhost")
        let server = try await ObjectServer(certificate: files.certificate, key: files.key)
        var settings = try Servers.settings(server, scheme: "https")
        #expect(
            try await fault { try await S3Store(settings).put([1], at: key("a")) } == .settings(reason: "its certificate is not trusted"))
        settings.authorities = files.authority
        try await S3Store(settings).put([1], at: key("a"))
        #expect(try await S3Store(settings).bytes(of: key("a"), atMost: 1) == [1])
        settings.authorities = home.path + "/none.pem"
        let lost = try await fault { try await S3Store(settings).put([1], at: key("a")) }
        #expect(lost == .settings(reason: "the file with its authorities can't be read"))
    }
}

/// Apart from the one that the contract's tests share, since it misbehaves.
private actor FaultyServer {
    static let shared = FaultyServer()
    private var starting: Task<ObjectServer, any Error>?

    func server() async throws -> ObjectServer {
        let task = starting ?? Task { try await ObjectServer() }
        starting = task
        return try await task.value
    }
}
