/// Where a component gets randomness from. Passed in, so that a failing test can be replayed by its seed.
package protocol Entropy: Sendable {
    /// Two independent random words.
    func words() -> (UInt64, UInt64)
    /// `count` random bytes, fit for keys.
    func bytes(_ count: Int) -> [UInt8]
}

/// The operating system's cryptographic generator.
package struct SystemEntropy: Entropy {
    package init() {}

    package func words() -> (UInt64, UInt64) {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }

    package func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
