import Foundation
import Glibc
import Vocabulary

/// A file with a secret for another server: a database, an object store, a relay. Nobody but this user may be able to read it.
struct SecretFile: Sendable {
    let path: String
    /// What it holds, in words that begin a sentence: `The database's password file`.
    let what: String
    /// systemd gives a service access to its credentials by an ACL, which shows as a group bit.
    var isCredential = false

    /// All of it, as text.
    /// - Throws: ``CommandFailure`` where it can't be read, or where others can read it as well.
    func read() throws -> String {
        var status = stat()
        guard stat(path, &status) == 0, let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(message: "\(what) \(path) can't be read. Check its name and owner.")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw CommandFailure(message: "\(what) \(path) is not a file.") }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw CommandFailure(
                message: "\(what) \(path) belongs to another user. It must belong to the user who runs this server: chown it.")
        }
        guard status.st_mode & (isCredential ? 0o037 : 0o077) == 0 else {
            let mode = "0" + String(status.st_mode & 0o7777, radix: 8)
            throw CommandFailure(
                message:
                    "\(what) \(path) can be reached by others (mode \(mode)). Run: chmod 600 \(path). If others may have read it, change the secret."
            )
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Its text without the line's end.
    func secret() throws -> Secret { Secret(try read().trimmingCharacters(in: .newlines)) }
}
