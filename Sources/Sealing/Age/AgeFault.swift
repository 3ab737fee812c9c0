/// What is wrong with a file in the age format, or with a key for one.
package enum AgeFault: Error, Sendable, Hashable, CustomStringConvertible {
    case notAge
    case malformed
    /// Nothing that was given opens it.
    case noKey
    /// Its content is not what was sealed.
    case altered
    /// It ends early.
    case torn
    case recipient(String)
    case identity

    package var description: String {
        switch self {
        case .notAge: "this is not a file in the age format"
        case .malformed: "its beginning is not in the age format, or was altered"
        case .noKey: "it is sealed to somebody else, or the passphrase is another one"
        case .altered: "its content is not what was sealed"
        case .torn: "it ends early"
        case .recipient(let text): "'\(text.prefix(80))' is no age recipient: one begins with age1 and has 62 characters"
        case .identity: "this is no age identity: one begins with AGE-SECRET-KEY-1"
        }
    }
}
