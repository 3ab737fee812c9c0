/// A place in an archive, and the hash of all that leads to it. Kept elsewhere, it proves what the archive had.
package struct ArchivePosition: Sendable, Hashable {
    /// From 1. A generation ends where entries could be missing; the next begins with a base of its own.
    package let generation: UInt32
    /// From 1 within the generation; 0 is its beginning.
    package let ordinal: UInt64
    package let hash: ChainHash

    package init(generation: UInt32, ordinal: UInt64, hash: ChainHash) {
        self.generation = generation
        self.ordinal = ordinal
        self.hash = hash
    }
}
