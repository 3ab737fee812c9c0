import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import ObjectStores

@Suite(.timeLimit(.minutes(5))) struct FileSystemTests {
    private let home: TemporaryDirectory
    private var root: String { home.path + "/objects" }

    init() throws { home = try TemporaryDirectory() }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func `folders and files are their owner's alone`() async throws {
        let store = try await FileSystemStore(directory: root + "/")
        try await store.put([1], at: key("a/b"))
        #expect(try ["", "/.scratch", "/a"].map { try mode(root + $0) } == [0o700, 0o700, 0o700])
        #expect(try mode(root + "/a/b") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/.scratch").isEmpty)
    }

    @Test func `what a crash left is swept, what is being written is not`() async throws {
        let store = try await FileSystemStore(directory: root)
        try Data("half".utf8).write(to: URL(fileURLWithPath: root + "/.scratch/leftover"))
        let living = try ScratchFile(root + "/.scratch/living")
        try living.write([1, 2])
        let second = try await FileSystemStore(directory: root)
        #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/.scratch") == ["living"])
        #expect(try await store.sweep() == 0)
        try living.publish(as: key("done"), below: root, ifAbsent: true)
        #expect(try await second.bytes(of: key("done"), atMost: 2) == [1, 2])
    }

    @Test func `links, folders and foreign names are no objects`() async throws {
        let store = try await FileSystemStore(directory: root)
        try await store.put([1], at: key("a/b"))
        try FileManager.default.createSymbolicLink(atPath: root + "/link", withDestinationPath: "/etc/passwd")
        try Data("x".utf8).write(to: URL(fileURLWithPath: root + "/name with space"))
        for name in ["link", "a", "a/b/c"] {
            #expect(try await fault { _ = try await store.bytes(of: key(name), atMost: 1 << 20) } == .missing, "\(name)")
            #expect(try await fault { _ = try await store.summary(of: key(name)) } == .missing, "\(name)")
        }
        #expect(try await store.all("").map(\.key) == [key("a/b")])
        for name in ["a", "a/b/c"] {
            #expect(try await fault { try await store.put([2], at: key(name)) } == .exists)
            #expect(try await fault { try await store.put([2], at: key(name), ifAbsent: true) } == .exists)
        }
    }

    @Test func `more writers than there are places are turned away, and readers need none`() async throws {
        let store = try await FileSystemStore(directory: root, writers: 1)
        try await store.put([1], at: key("there"))
        let (content, feed) = AsyncStream.makeStream(of: [UInt8].self)
        feed.yield([UInt8](repeating: 7, count: FileSystemStore.writeBytes))
        let slow = Task { try await store.put(content, at: key("slow"), ifAbsent: false) }
        while try FileManager.default.contentsOfDirectory(atPath: root + "/.scratch").isEmpty {
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(try await fault { try await store.put([1], at: key("second")) } == .overloaded)
        #expect(try await store.bytes(of: key("there"), atMost: 1) == [1])
        feed.finish()
        #expect(try await slow.value.size == UInt64(FileSystemStore.writeBytes))
        try await store.put([1], at: key("second"))
    }

    @Test func `a directory that is gone is not an empty one`() async throws {
        let store = try await FileSystemStore(directory: root)
        try FileManager.default.removeItem(atPath: root)
        #expect(try await fault { _ = try await store.bytes(of: key("a"), atMost: 1) } == .placeMissing)
        #expect(try await fault { _ = try await store.list("", after: nil, limit: 10) } == .placeMissing)
        #expect(try await fault { try await store.put([1], at: key("a")) } == .placeMissing)
        #expect(try await fault { try await store.delete(key("a")) } == .placeMissing)
        await #expect(throws: ObjectFault.placeMissing) { try await FileSystemStore(directory: root + "/no/such/parent") }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "needs root and tmpfs")) func `a full disk is said, leaves no half object and heals`()
        async throws
    {
        let disk = try SmallDisk()
        let store = try await FileSystemStore(directory: disk.path + "/objects")
        try await store.put([1], at: key("before"))
        for chunks in [Chunks(count: 1, size: 200_000), Chunks(count: 4, size: FileSystemStore.writeBytes)] {
            #expect(try await fault { _ = try await store.put(chunks, at: key("large"), ifAbsent: false) } == .full)
        }
        #expect(try await store.all("").map(\.key) == [key("before")])
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path + "/objects/.scratch").isEmpty)
        try await store.put([2], at: key("after"))
        try disk.remount(readOnly: true)
        #expect(try await fault { try await store.put([2], at: key("refused")) } == .denied)
        #expect(try await store.bytes(of: key("after"), atMost: 1) == [2])
        try disk.remount(readOnly: false)
        try await store.put([2], at: key("refused"))
    }
}
