/// A log's state at one moment: how long it was and its root (C2SP tlog-checkpoint).
///
/// A value without signature. ``sign(with:)`` vouches for it; ``init(verifying:keys:)`` reads one that a known key vouches for.
package struct Checkpoint: Hashable, Sendable {
    /// Names the log, for all time and all the world: `holdfast.example/audit/<environment>`.
    package let origin: String
    package let size: UInt64
    package let root: TreeHash

    package init(origin: String, size: UInt64, root: TreeHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads a note's text: origin, size, root in base64, then lines of extensions, which are passed over.
    package init(text: String) throws(SignedNote.Refusal) {
        guard text.last == "\n" else { throw .malformed("no newline at the end") }
        let lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 3 else { throw .malformed("fewer than three lines") }
        guard !lines.contains("") else { throw .malformed("empty line") }
        guard let size = UInt64(lines[1]), String(size) == lines[1] else { throw .malformed("size") }
        guard let bytes = Base64.bytes(lines[2]), let root = TreeHash(bytes) else { throw .malformed("root") }
        self.init(origin: lines[0], size: size, root: root)
    }

    /// Reads a signed checkpoint and believes it only if one of `keys` signed it.
    package init(verifying note: String, keys: [NoteKey]) throws(SignedNote.Refusal) {
        let note = try SignedNote(parsing: note)
        try note.verified(by: keys)
        try self.init(text: note.text)
    }

    package var text: String { "\(origin)\n\(size)\n\(Base64.text(root.bytes))\n" }

    package func sign(with signer: NoteSigner) throws -> SignedNote { try signer.sign(text) }
}
