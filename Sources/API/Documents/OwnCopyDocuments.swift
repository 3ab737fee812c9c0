import OwnCopies
import Vocabulary

extension OwnCopy {
    package var document: JSONValue {
        [
            "id": .string(id.description), "at": .string(at.description), "commit": .integer(Int64(commit)),
            "records": .integer(Int64(records)), "database_bytes": .integer(Int64(clamping: plainSize)),
            "bytes": .integer(Int64(clamping: size)), "sha256": .string(digest), "sealed_to": .string(sealing.rawValue),
            "milliseconds": .integer(took.microseconds / 1000), "failure": failure.map { .string($0) } ?? .null,
        ]
    }
}

extension OwnCopies.Wish {
    /// What programs ask for: a passphrase, or recipients, or neither where the file is sealed to recipients already.
    package init(passphrase: String?, recipients: [String]?) throws {
        switch (passphrase, recipients) {
        case (let passphrase?, nil): self = .passphrase(passphrase)
        case (nil, let recipients?): self = .recipients(recipients)
        case (nil, nil): self = .asKept
        default: throw Refusal.invalid("passphrase", "Give a passphrase or recipients, not both.", field: "passphrase")
        }
    }
}
