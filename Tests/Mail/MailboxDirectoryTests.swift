import Foundation
import Mail
import TestSupport
import Testing
import Vocabulary

struct MailboxDirectoryTests {
    private let home: TemporaryDirectory
    init() throws { home = try TemporaryDirectory() }

    @Test func `each message becomes a file, in order, for our eyes`() async throws {
        let clock = ManualClock()
        let mailbox = MailboxDirectory(directory: home.path + "/mail", sender: try Sender("noreply@example.org"), clock: clock)
        for number in 1...3 {
            try await mailbox.send(try Message(to: "ada@example.com", subject: "Number \(number)", text: "x"), id: "id-\(number)")
            clock.advance(by: .seconds(1))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: home.path + "/mail").sorted()
        #expect(names.count == 3 && names.allSatisfy { $0.hasSuffix(".eml") })
        for (index, name) in names.enumerated() {
            let path = "\(home.path)/mail/\(name)"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("Subject: Number \(index + 1)\r\n") && text.contains("Message-ID: <id-\(index + 1)@example.org>\r\n"))
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `an identifier can't leave the directory`() async throws {
        let mailbox = MailboxDirectory(directory: home.path + "/mail", sender: try Sender("noreply@example.org"), clock: ManualClock())
        try await mailbox.send(try Message(to: "ada@example.com", subject: "x", text: "x"), id: "../../etc/passwd\u{0}x")
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path + "/mail").count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == ["mail"])
    }

    @Test func `a directory that can't be written is said to be so`() async throws {
        try Data().write(to: home.url.appendingPathComponent("mail"))
        let mailbox = MailboxDirectory(directory: home.path + "/mail", sender: try Sender("noreply@example.org"), clock: ManualClock())
        await #expect(throws: MailFault.self) {
            try await mailbox.send(try Message(to: "ada@example.com", subject: "x", text: "x"), id: "1")
        }
    }
}
