import Crypto
import Foundation
import Vocabulary

/// A message to another server, signed as Standard Webhooks 1.0.0 asks: whoever gets it can tell that it is ours, whole and new.
struct Webhook: Sendable {
    let id: String
    let at: Instant
    let body: [UInt8]

    /// The secret as people copy it: `whsec_` and Base64.
    static func text(of secret: Secret) -> String { secret.withBytes { "whsec_" + Data($0).base64EncodedString() } }

    /// HMAC-SHA256 over `id.timestamp.body`.
    func signature(_ secret: Secret) -> String {
        let key = secret.withBytes { SymmetricKey(data: $0) }
        let code = HMAC<SHA256>.authenticationCode(for: Array("\(id).\(at.seconds).".utf8) + body, using: key)
        return "v1," + Data(code).base64EncodedString()
    }

    func headers(_ secret: Secret) -> [String] {
        [
            "Content-Type: application/json", "Accept: */*", "Expect:", "webhook-id: \(id)", "webhook-timestamp: \(at.seconds)",
            "webhook-signature: \(signature(secret))",
        ]
    }
}
