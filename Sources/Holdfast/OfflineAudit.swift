import Audit
import Foundation
import Ledger
import Vocabulary
import Wiring

/// Verifies an exported audit log without a server, against what its reader already knows: the log's key, a checkpoint kept earlier, or both.
struct OfflineAudit {
    /// The key to believe. Nil: the one that the file brings along, and then only a kept checkpoint ties it to the log that was known.
    let key: NoteKey?
    /// A signed checkpoint kept earlier: what lay before it has to be the same still.
    let checkpoint: String?

    /// - Parameters:
    ///   - key: the verifier's key in the text form of C2SP signed-note, or a file that holds it.
    ///   - checkpoint: a file with a signed checkpoint.
    init(key: String?, checkpoint: String?) throws {
        self.key = try key.map { given in
            let text = given.contains("+") ? given : try Self.text(of: given)
            guard let key = NoteKey(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
                throw CommandFailure(
                    message: "--key takes a log's key as `holdfast audit key` prints it, name+hash+base64, or a file with it.",
                    isUsage: true)
            }
            return key
        }
        self.checkpoint = try checkpoint.map { file in
            // Editors and terminals add or lose the newline at the end, which the form has exactly one of.
            let text = try Self.text(of: file).trimmingCharacters(in: .whitespacesAndNewlines) + "\n"
            guard let note = try? SignedNote(parsing: text), (try? Checkpoint(text: note.text)) != nil else {
                throw CommandFailure(
                    message: "\(file) is no signed checkpoint. Keep what `holdfast audit checkpoint` prints, as it is.", isUsage: true)
            }
            return text
        }
    }

    /// The report as the command shows it, with what it rests on as `trust`.
    func verify(file: String) throws -> Any {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped) else { throw Self.unreadable(file) }
        let verifier = AuditVerifier(key: key, kept: checkpoint.map { [$0] } ?? [])
        let report = bytes.withUnsafeBytes { verifier.verify(export: $0) }
        var document = report.json(log: report.origin).object ?? [:]
        document["trust"] = .string(trust)
        return try JSONSerialization.jsonObject(with: Data("[\(JSONValue.object(document).text)]".utf8))
    }

    private var trust: String {
        switch (key, checkpoint) {
        case (nil, nil): "key-in-file"
        case (nil, _?): "kept-checkpoint"
        case (_?, nil): "pinned-key"
        case (_?, _?): "pinned-key-and-kept-checkpoint"
        }
    }

    /// What an unchanged log proves, for people.
    static func words(for trust: String, key: String) -> String {
        switch trust {
        case "kept-checkpoint": "It goes on from the checkpoint that you kept, and is signed with the same key."
        case "pinned-key": "It is signed with the key that you gave."
        case "pinned-key-and-kept-checkpoint": "It is signed with the key that you gave, and goes on from the checkpoint that you kept."
        default:
            """
            The key was taken from the file itself, so this proves only that the file agrees with itself: whoever wrote it could have made the key.
            Compare it with the one that you know, or give that one with --key, or a checkpoint that you kept with --checkpoint:
              \(key)
            """
        }
    }

    private static func text(of file: String) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: file), bytes.count <= 1 << 20 else { throw unreadable(file) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unreadable(_ file: String) -> CommandFailure {
        CommandFailure(message: "The file \(file) can't be read. Check its name and your permission.", isUsage: true)
    }
}
