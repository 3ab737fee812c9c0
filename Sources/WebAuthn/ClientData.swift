import Vocabulary

/// What the browser says of a ceremony (WebAuthn section 5.8.1). Only as good as the signature over its hash.
struct ClientData: Sendable, Hashable {
    enum Ceremony: String, Sendable {
        case create = "webauthn.create"
        case get = "webauthn.get"
    }

    static let longest = 4096

    let type: String
    /// As text: base64url of the challenge's bytes.
    let challenge: String
    let origin: String
    let crossOrigin: Bool
    let topOrigin: String?

    init(_ bytes: [UInt8]) throws(WebAuthnRefusal) {
        guard bytes.count <= Self.longest else { throw .tooLong }
        // A byte order mark is stripped, as "UTF-8 decode" of the Encoding Standard does.
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        guard let json = try? JSONReader.read(text, limits: JSONReader.Limits(depth: 8, values: 100)), let type = json["type"]?.string,
            let challenge = json["challenge"]?.string, let origin = json["origin"]?.string
        else { throw .malformedClientData }
        let crossOrigin = json["crossOrigin"] ?? .bool(false)
        let topOrigin = json["topOrigin"] ?? .null
        guard let isCrossOrigin = crossOrigin.bool, topOrigin.isNull || topOrigin.string != nil else { throw .malformedClientData }
        self.type = type
        self.challenge = challenge
        self.origin = origin
        self.crossOrigin = isCrossOrigin
        self.topOrigin = topOrigin.string
    }

    /// Sections 7.1 steps 7 to 11, 7.2 steps 10 to 14. We are never framed, so nothing from inside a frame is ours.
    func check(_ ceremony: Ceremony, challenge expected: String, origin: String) throws(WebAuthnRefusal) {
        guard type == ceremony.rawValue else { throw .wrongType }
        guard Secret(challenge) == Secret(expected) else { throw .wrongChallenge }
        guard self.origin == origin else { throw .wrongOrigin }
        guard !crossOrigin, topOrigin == nil else { throw .embedded }
    }
}
