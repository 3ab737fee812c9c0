import Vocabulary

/// Random text for a content security policy: 128 bits in base64url.
enum Nonce {
    static func make(_ entropy: some Entropy) -> String {
        let words = entropy.words()
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return String(unsafeUninitializedCapacity: 22) { buffer in
            for index in 0..<22 {
                let word = index < 11 ? words.0 : words.1
                let shift = UInt64(index < 11 ? index : index - 11) * 6
                buffer[index] = alphabet.utf8Start[Int(word >> min(shift, 58) & 63)]
            }
            return 22
        }
    }
}
