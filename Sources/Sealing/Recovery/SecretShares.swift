import CGFShare
import CSodium
import Vocabulary

/// Shamir's sharing over GF(2⁸): any `needed` of the shares give the secret, fewer tell nothing about it.
///
/// The library's arithmetic looks up tables, so it takes times that depend on the secret. It runs in a command at a terminal, once, and
/// never in a server that somebody could measure.
package enum SecretShares {
    package static let most = 255

    /// Share `n` of the result has the number n + 1.
    /// - Returns: Nil unless 1 ≤ `needed` ≤ `count` ≤ 255.
    package static func split(_ secret: Secret, into count: Int, needing needed: Int) -> [Secret]? {
        guard (1...most).contains(count), (1...count).contains(needed), secret.count > 0 else { return nil }
        setUp()
        var numbers = (1...count).map { UInt8($0) }
        guard let context = gfshare_ctx_init_enc(&numbers, UInt32(count), UInt8(needed), UInt32(secret.count)) else { return nil }
        defer { gfshare_ctx_free(context) }
        var bytes = secret.withBytes { Array($0) }
        defer { sodium_memzero(&bytes, bytes.count) }
        gfshare_ctx_enc_setsecret(context, &bytes)
        return (0..<count).map { index in
            var share = [UInt8](repeating: 0, count: bytes.count)
            defer { sodium_memzero(&share, share.count) }
            gfshare_ctx_enc_getshare(context, UInt8(index), &share)
            return Secret(share)
        }
    }

    /// Whether it is the secret can't be told from the shares: compare it with something that was made of it.
    /// - Returns: Nil where the shares can't belong together.
    package static func join(_ shares: [(number: Int, value: Secret)]) -> Secret? {
        guard let size = shares.first?.value.count, size > 0, Set(shares.map(\.number)).count == shares.count,
            shares.allSatisfy({ (1...most).contains($0.number) && $0.value.count == size })
        else { return nil }
        setUp()
        var numbers = shares.map { UInt8($0.number) }
        guard let context = gfshare_ctx_init_dec(&numbers, UInt32(numbers.count), UInt32(size)) else { return nil }
        defer { gfshare_ctx_free(context) }
        for (index, share) in shares.enumerated() {
            var bytes = share.value.withBytes { Array($0) }
            gfshare_ctx_dec_giveshare(context, UInt8(index), &bytes)
            sodium_memzero(&bytes, bytes.count)
        }
        var secret = [UInt8](repeating: 0, count: size)
        defer { sodium_memzero(&secret, secret.count) }
        gfshare_ctx_dec_extract(context, &secret)
        return Secret(secret)
    }

    /// Also wanted for joining: the library writes over a context with random bytes before it lets go of it.
    private static func setUp() { _ = isSetUp }

    private static let isSetUp: Bool = {
        gfshare_take_randomness_from { buffer, count in
            if let buffer { randombytes_buf(buffer, Int(count)) }
        }
        return sodium_init() >= 0
    }()
}
