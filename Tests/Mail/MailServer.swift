import Foundation
import TestSupport

/// aiosmtpd on a free port, as a process of its own. Behaves as its mode says and reports what it got.
final class MailServer {
    enum Mode: String {
        case plain
        /// Requires STARTTLS before MAIL.
        case startTLS
        /// TLS from the first byte.
        case tls
        /// The same on 127.0.0.2, which the certificate doesn't name.
        case strange
        /// Answers RCPT with 550.
        case refusing
        /// Answers DATA with 451.
        case busy
        /// Accepts connections and says nothing.
        case silent
        /// Requires user `mailer` with password `sesame`, after STARTTLS.
        case login
    }

    struct Received: Codable {
        let from: String
        let to: [String]
        let content: String
        let name: String
        let isEncrypted: Bool
    }

    struct NotThere: Error {}

    static let python = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent(".deps/python/bin/python").path
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python) }

    let port: Int
    private let process: Process
    private let report: URL

    /// Reports through files: a pipe would be inherited by the servers of tests that run beside this one, and never end.
    init(_ mode: Mode, in home: TemporaryDirectory, certificate: String = "-", key: String = "-") async throws {
        let directory = home.url.appendingPathComponent("server-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        report = directory.appendingPathComponent("received")
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = ["-W", "ignore", "-c", Self.program, mode.rawValue, certificate, key, directory.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(30)
        var port: Int?
        while port == nil, .now < deadline {
            try await Task.sleep(for: .milliseconds(20))
            port = (try? String(contentsOf: directory.appendingPathComponent("port"), encoding: .utf8)).flatMap { Int($0) }
        }
        guard let port else {
            kill(process.processIdentifier, SIGKILL)
            throw NotThere()
        }
        self.port = port
    }

    /// Ends the server and returns what it received.
    func finish() throws -> [Received] {
        end()
        return try Data(contentsOf: report).split(separator: 10).map { try JSONDecoder().decode(Received.self, from: $0) }
    }

    deinit { end() }

    /// SIGTERM would wait for ever: a process starts with the signal mask of the thread that started it, and ours block all signals.
    private func end() {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    private static let program = """
        import asyncio, json, os, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult
        mode, certificate, key, directory = sys.argv[1:5]
        report = open(directory + "/received", "w")
        context = None
        if certificate != "-":
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate, key)
        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if mode == "refusing":
                    return "550 no such person ada@example.com"
                envelope.rcpt_tos.append(address)
                return "250 OK"
            async def handle_DATA(self, server, session, envelope):
                if mode == "busy":
                    return "451 try again later"
                print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "content": envelope.content.decode("utf-8"),
                    "name": session.host_name, "isEncrypted": session.ssl is not None or mode == "tls"}), file=report, flush=True)
                return "250 accepted"
        def login(server, session, envelope, mechanism, data):
            return AuthResult(success=(data.login, data.password) == (b"mailer", b"sesame"), handled=False)
        def protocol():
            if mode == "silent":
                return asyncio.Protocol()
            options = dict(enable_SMTPUTF8=True, ident="test")
            if mode in ("startTLS", "login"):
                options.update(tls_context=context, require_starttls=True)
            if mode == "login":
                options.update(authenticator=login, auth_required=True)
            return SMTP(Handler(), **options)
        async def main():
            loop = asyncio.get_running_loop()
            server = await loop.create_server(protocol, "127.0.0.2" if mode == "strange" else "127.0.0.1", 0,
                    ssl=context if mode in ("tls", "strange") else None)
            with open(directory + "/port.draft", "w") as file:
                file.write(str(server.sockets[0].getsockname()[1]))
            os.rename(directory + "/port.draft", directory + "/port")
            # Ends with the tests, however those end.
            parent = os.getppid()
            while os.getppid() == parent:
                await asyncio.sleep(1)
        asyncio.run(main())
        """
}
