import Crypto

extension ObjectStore {
    /// Stores `bytes` under their own digest below `folder`. Storing the same again changes nothing.
    package func keep(_ bytes: [UInt8], in folder: ObjectKey) async throws -> ContentDigest {
        try await keep(in: folder) { WholeContent(bytes) }
    }

    /// Stores content under its own digest. It is read twice, once to learn its name: spool what comes over a network first.
    package func keep<Content: AsyncSequence & Sendable>(
        in folder: ObjectKey, _ content: @Sendable () throws -> Content
    ) async throws -> ContentDigest where Content.Element == [UInt8] {
        var hash = SHA256()
        for try await chunk in try content() { hash.update(data: chunk) }
        let digest = ContentDigest(hash.finalize())
        let key = try Self.key(digest, in: folder)
        do {
            let stored = try await put(try content(), at: key, ifAbsent: true)
            guard stored.digest == digest else {
                // What is under this name now is not what the name says.
                try await delete(key)
                throw ObjectFault.changed
            }
        } catch ObjectFault.exists {}
        return digest
    }

    /// Reads what ``keep(_:in:)`` stored, and finds out when it is something else.
    package func kept(_ digest: ContentDigest, in folder: ObjectKey) throws -> ObjectReading {
        read(try Self.key(digest, in: folder), expecting: digest)
    }

    private static func key(_ digest: ContentDigest, in folder: ObjectKey) throws -> ObjectKey {
        guard let key = folder.appending(digest.key) else { throw ObjectFault.settings(reason: "the folder's name is too long") }
        return key
    }
}
