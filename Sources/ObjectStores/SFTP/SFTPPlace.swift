import Foundation
import Vocabulary

/// A directory on a machine that is reached by SFTP: `sftp://user@host:port/path`.
package struct SFTPPlace: Sendable, Hashable, CustomStringConvertible {
    package let user: String
    package let host: String
    package let port: Int
    /// Without a slash at its end. It must be there.
    package let path: String

    /// - Throws: ``Refusal`` `objects` with what is wrong.
    package init(_ text: String) throws(Refusal) {
        func refusal(_ message: String) -> Refusal { .invalid("objects", "A place by SFTP is sftp://USER@HOST/PATH. \(message)") }
        guard let url = URLComponents(string: text), url.scheme == "sftp", url.fragment == nil, url.query == nil else {
            throw refusal("This is none.")
        }
        guard url.password == nil else { throw refusal("A password there is seen by everybody on the machine; use a key.") }
        guard let user = url.user, !user.isEmpty, let host = url.host, !host.isEmpty else {
            throw refusal("The user or the host is missing.")
        }
        let path = url.path.split(separator: "/").map(String.init)
        guard !path.isEmpty, !path.contains(".."), !path.contains(".") else { throw refusal("The path is missing, or leads back.") }
        self.user = user
        self.host = host
        port = url.port ?? 22
        self.path = "/" + path.joined(separator: "/")
    }

    package var description: String { "sftp://\(user)@\(host)\(port == 22 ? "" : ":\(port)")\(path)" }
}
