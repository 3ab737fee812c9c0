import Crypto
import Vocabulary

/// Compact JWS (RFC 7515), for tokens of our own making only.
///
/// A token is judged by the key that its `kid` names, with the one algorithm of that key. What the token says about
/// algorithms must agree; it never chooses.
enum JSONWebSignature {
    struct Parts {
        let header: JSONValue
        let claims: JSONValue
    }

    static func sign(_ claims: JSONValue, type: StaticString, with key: SigningKey) throws -> String {
        let header: JSONValue = ["alg": .string(key.algorithm.rawValue), "kid": .string(key.id), "typ": .string(type.description)]
        let input = Base64URL.encode(header.bytes) + "." + Base64URL.encode(claims.bytes)
        return input + "." + Base64URL.encode(try key.signature(over: Array(input.utf8)))
    }

    /// The claims of a token of this `type` with a valid signature; nil for every other text. Says nothing about time or audience.
    static func verify(_ token: String, type: StaticString, keys: SigningKeys) async throws -> JSONValue? {
        guard (16...8192).contains(token.utf8.count) else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let headerBytes = Base64URL.decode(parts[0]), let signature = Base64URL.decode(parts[2]),
            let header = try? JSONReader.read(headerBytes, limits: JSONReader.Limits(depth: 4, values: 50)),
            // RFC 7515 section 4.1.11: what must be understood and isn't, is refused.
            header["crit"] == nil, header["typ"]?.string?.lowercased() == type.description.lowercased(),
            let id = header["kid"]?.string, let key = try await keys.find(id), header["alg"]?.string == key.algorithm.rawValue,
            key.isValid(signature, over: Array("\(parts[0]).\(parts[1])".utf8)), let claimBytes = Base64URL.decode(parts[1])
        else { return nil }
        return try? JSONReader.read(claimBytes, limits: JSONReader.Limits(depth: 8, values: 500))
    }
}
