import Foundation
import Mail
import Sealing
import TestSupport
import Testing
import Vocabulary

@Suite(.enabled(if: MailServer.isInstalled, "needs aiosmtpd: script/bootstrap --tests"), .timeLimit(.minutes(5)))
struct SMTPMailerTests {
    private let home: TemporaryDirectory
    private let files: DevelopmentAuthority.Files
    private let message: Message

    init() throws {
        home = try TemporaryDirectory()
        files = try DevelopmentAuthority(directory: home.path + "/tls").files(apex: "mail.localhost")
        message = try Message(to: "ada@example.com", subject: "Einladung", text: "Grüße,\n.\n..dots\nhttps://holdfast.example/i?t=A=B\n")
    }

    private func mailer(
        _ server: MailServer, _ security: SMTPMailer.Security, trusting: Bool = true, host: String = "localhost", password: String? = nil
    ) throws -> SMTPMailer {
        var settings = SMTPMailer.Settings(
            host: host, port: server.port, security: security, authorities: trusting ? files.authority : nil, timeout: .seconds(10))
        if let password { (settings.user, settings.password) = ("mailer", Secret(password)) }
        return try SMTPMailer(settings, sender: Sender("noreply@example.org", name: "Holdfast"), clock: ManualClock())
    }

    private func server(_ mode: MailServer.Mode) async throws -> MailServer {
        try await MailServer(mode, in: home, certificate: files.certificate, key: files.key)
    }

    /// The fault of sending, or nil.
    private func fault(_ mailer: SMTPMailer) async throws -> MailFault? {
        do {
            try await mailer.send(message, id: "job-1")
            return nil
        } catch let fault as MailFault {
            return fault
        }
    }

    @Test func `a message arrives whole over STARTTLS`() async throws {
        let server = try await server(.startTLS)
        try await mailer(server, .startTLS).send(message, id: "job-1")
        let received = try server.finish()
        #expect(received.count == 1)
        let first = try #require(received.first)
        #expect(first.isEncrypted && first.from == "noreply@example.org" && first.to == ["ada@example.com"] && first.name == "example.org")
        #expect(
            first.content.contains("Message-ID: <job-1@example.org>\r\n")
                && first.content.hasSuffix("Gr=C3=BC=C3=9Fe,\r\n=2E\r\n=2E.dots\r\nhttps://holdfast.example/i?t=3DA=3DB\r\n"))
    }

    @Test func `a message arrives over TLS from the first byte, and in plain text on this machine when asked`() async throws {
        for (mode, security) in [(MailServer.Mode.tls, SMTPMailer.Security.tls), (.plain, .plaintextOnLoopback)] {
            let server = try await server(mode)
            try await mailer(server, security).send(message, id: "job-1")
            let received = try server.finish()
            #expect(received.count == 1 && received.first?.isEncrypted == (mode == .tls))
        }
    }

    @Test func `without TLS, with a foreign certificate or another name, nothing is said`() async throws {
        let plain = try await server(.plain)
        #expect(try await fault(mailer(plain, .startTLS)) == .temporary(reason: "the mail server does not offer TLS"))
        #expect(try plain.finish().isEmpty)
        let foreign = try await server(.startTLS)
        #expect(
            try await fault(mailer(foreign, .startTLS, trusting: false))
                == .temporary(reason: "the mail server's certificate is not trusted"))
        #expect(try foreign.finish().isEmpty)
        let strange = try await server(.strange)
        #expect(
            try await fault(mailer(strange, .tls, host: "127.0.0.2")) == .temporary(reason: "the mail server's certificate is not trusted"))
        #expect(try strange.finish().isEmpty)
    }

    @Test func `a refusal is final, a busy server is not, and neither repeats the address`() async throws {
        let refusing = try await server(.refusing)
        let final = try #require(try await fault(mailer(refusing, .plaintextOnLoopback)))
        #expect(final == .permanent(reason: "the mail server refused the message (550)"))
        #expect(try refusing.finish().isEmpty)
        let busy = try await server(.busy)
        let later = try #require(try await fault(mailer(busy, .plaintextOnLoopback)))
        #expect(later == .temporary(reason: "the mail server answered 451"))
        _ = try busy.finish()
    }

    @Test func `a password is given to a server that asks for one, and a wrong one is not the end`() async throws {
        let server = try await server(.login)
        #expect(
            try await fault(mailer(server, .startTLS, password: "wrong"))
                == .temporary(reason: "the mail server refused the user and password"))
        #expect(try await fault(mailer(server, .startTLS, password: "sesame")) == nil)
        #expect(try server.finish().count == 1)
    }

    @Test func `a silent server and a closed port are given up within the limit`() async throws {
        let silent = try await server(.silent)
        var settings = SMTPMailer.Settings(
            host: "127.0.0.1", port: silent.port, security: .plaintextOnLoopback, timeout: .milliseconds(400))
        let start = ContinuousClock.now
        let first = try SMTPMailer(settings, sender: Sender("noreply@example.org"), clock: ManualClock())
        guard case .temporary = try await fault(first) else {
            Issue.record("sent")
            return
        }
        #expect(start.duration(to: .now) < .seconds(8))
        _ = try silent.finish()
        settings.port = 1
        let second = try SMTPMailer(settings, sender: Sender("noreply@example.org"), clock: ManualClock())
        guard case .temporary = try await fault(second) else {
            Issue.record("sent")
            return
        }
    }

    @Test func `many at once are sent by two threads, and too many are put off`() async throws {
        let server = try await server(.plain)
        let settings = SMTPMailer.Settings(host: "127.0.0.1", port: server.port, security: .plaintextOnLoopback)
        let mailer = try SMTPMailer(settings, sender: Sender("noreply@example.org"), clock: ManualClock(), threads: 2, waiting: 10)
        let message = message
        let sent = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<60 { group.addTask { (try? await mailer.send(message, id: "job-\(number)")) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(sent >= 12 && sent < 60)
        #expect(try server.finish().count == sent)
    }
}

struct SMTPSettingsTests {
    @Test func `plain text to another machine is refused when it is configured`() throws {
        for host in ["mail.example.com", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com"] {
            #expect(throws: MailFault.self) {
                try SMTPMailer(.init(host: host, security: .plaintextOnLoopback), sender: Sender("a@b.c"), clock: ManualClock())
            }
        }
    }

    @Test(arguments: [
        "", "mail.example.com/x", "mail example.com", "user@mail.example.com", "mail\r\n.example.com", "-mail", "mail?x", "mail%00",
        "mäil.example",
    ])
    func `what is no host name can't become part of a URL`(host: String) {
        #expect(throws: MailFault.self) { try SMTPMailer(.init(host: host), sender: Sender("a@b.c"), clock: ManualClock()) }
    }

    @Test func `a port, a time limit and a password make sense`() {
        for settings in [
            SMTPMailer.Settings(host: "mail.example", port: 0), .init(host: "mail.example", port: 70_000),
            .init(host: "mail.example", timeout: .zero),
            .init(host: "mail.example", user: "x"), .init(host: "mail.example", password: Secret("x")),
        ] {
            #expect(throws: MailFault.self) { try SMTPMailer(settings, sender: Sender("a@b.c"), clock: ManualClock()) }
        }
    }
}
