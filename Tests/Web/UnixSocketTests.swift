import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Testing
import TestSupport
import Vocabulary

@testable import Web

struct UnixSocketTests {
    private func serve(_ path: String, _ scene: Scene = Scene(), body: () async throws -> Void) async throws {
        let (ready, told) = AsyncStream.makeStream(of: Void.self)
        let logger = Logger(label: "shell", factory: { _ in scene.log.handler })
        let server = try WebServer(front: scene.front, bindings: [.unixSocket(path: path)], logger: logger) { _, _ in told.yield() }
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        let running = Task {
            defer { told.finish() }
            try await group.run()
        }
        for await _ in ready { break }
        do {
            try await body()
        } catch {
            await group.triggerGracefulShutdown()
            _ = await running.result
            throw error
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }

    @Test func `the socket is its owner's, knows the user, and goes with the server`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/s"
        try await serve(path) {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let wire = try await Wire.connect(try SocketAddress(unixDomainSocketPath: path), tls: nil)
            try await wire.send("GET /whoami HTTP/1.1\r\nHost: holdfast\r\n\r\n")
            #expect(await wire.receives(NSUserName()))
            wire.close()
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a command may work for longer than a client may be silent`() async throws {
        var limits = Limits()
        limits.silence = .milliseconds(200)
        let scene = Scene(limits: limits) { routes in
            routes.shell.get("/work") { _, _ in
                try await Task.sleep(for: .milliseconds(1500))
                return Response.text("done")
            }
        }
        let path = try TemporaryDirectory()
        try await serve(path.path + "/s", scene) {
            let wire = try await Wire.connect(try SocketAddress(unixDomainSocketPath: path.path + "/s"), tls: nil)
            try await wire.send("GET /work HTTP/1.1\r\nHost: holdfast\r\n\r\n")
            #expect(await wire.receives("done"))
            wire.close()
        }
    }

    @Test func `whether the server is ready is told here too`() async throws {
        let scene = Scene(readiness: Readiness(obstacles: { [Obstacle("storage", "The database doesn't answer.")] }))
        let path = try TemporaryDirectory()
        try await serve(path.path + "/s", scene) {
            let wire = try await Wire.connect(try SocketAddress(unixDomainSocketPath: path.path + "/s"), tls: nil)
            try await wire.send("GET /health/ready HTTP/1.1\r\nHost: holdfast\r\n\r\n")
            #expect(await wire.receives("The database doesn't answer."))
            wire.close()
        }
    }

    @Test func `a socket left behind is replaced, a living one and a file are not touched`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/s"
        try await serve(path) {
            #expect(throws: Refusal.self) { try UnixSocket.clear(path) }
            #expect(FileManager.default.fileExists(atPath: path))
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        #expect(bound == 0)
        close(descriptor)
        try await serve(path) { #expect(FileManager.default.fileExists(atPath: path)) }
        try Data("keep".utf8).write(to: URL(filePath: path))
        #expect(throws: Refusal.self) { try UnixSocket.clear(path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "keep")
        #expect(throws: Refusal.self) { try UnixSocket.clear(directory.path + "/" + String(repeating: "x", count: 200)) }
    }
}
