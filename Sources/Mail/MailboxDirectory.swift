import Foundation
import NIOCore
import NIOPosix
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// A mailer for development: each message becomes an `.eml` file, whole when it appears, newest last by name.
package struct MailboxDirectory: Mailer {
    private let directory: String
    private let sender: Sender
    private let clock: any Clock

    package init(directory: String, sender: Sender, clock: any Clock) {
        self.directory = directory
        self.sender = sender
        self.clock = clock
    }

    package func send(_ message: Message, id: String) async throws {
        let posting = Posting(message, messageID: "\(id)@\(sender.domain)", at: clock.now())
        let bytes = Composition.bytes(posting, from: sender)
        let safe = String(
            id.unicodeScalars.map { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" ? Character($0) : "_" }.prefix(80))
        let name = "\(posting.at.microseconds)-\(safe).eml"
        try await NIOSingletons.posixBlockingThreadPool.runIfActive { [directory] in
            guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw Self.fault() }
            let (draft, path) = ("\(directory)/.\(name).draft", "\(directory)/\(name)")
            let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw Self.fault() }
            defer { unlink(draft) }
            do {
                defer { close(descriptor) }
                var written = 0
                while written < bytes.count {
                    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written) }
                    guard count > 0 else { throw Self.fault() }
                    written += count
                }
            }
            guard rename(draft, path) == 0 else { throw Self.fault() }
        }
    }

    private static func fault() -> MailFault {
        .temporary(reason: "the mailbox directory can't be written: \(String(cString: strerror(errno)))")
    }
}
