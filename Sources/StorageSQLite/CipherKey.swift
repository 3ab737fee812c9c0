import CSQLiteCipher

enum CipherKey {
    /// Before the first read. Returns SQLite's result code.
    static func set(_ connection: OpaquePointer, _ key: UnsafeRawBufferPointer) -> Int32 {
        holdfast_cipher_key(UnsafeMutableRawPointer(connection), key.bindMemory(to: UInt8.self).baseAddress, Int32(clamping: key.count))
    }
}
