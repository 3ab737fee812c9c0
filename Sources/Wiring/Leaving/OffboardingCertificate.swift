import Foundation
import Ledger
import Tenants
import Vocabulary

/// What was destroyed of a tenant that left, signed with the key of the platform's audit log: a signed note (C2SP) whose text is a line that
/// says what it is, and JSON. The format is in docs/formats/offboarding-certificate.md.
package struct OffboardingCertificate: Sendable, Codable, Equatable {
    package struct Environment: Sendable, Codable, Equatable {
        package let id: String
        package let host: String
        package let kind: String
        package let createdAt: String
        package let auditEntries: Int
        package let auditCheckpoint: String
        package let auditKey: String
        package let keysDestroyed: [String]
        package let keysDestroyedAt: String
        package let databaseDestroyedAt: String
        package let objectsDeleted: Int
    }

    package struct Destination: Sendable, Codable, Equatable {
        package let name: String
        package let objectsDeleted: Int
        package let confirmedAt: String
    }

    package let platform: String
    package let tenant: String
    package let slug: String
    package let name: String
    package let reason: String
    package let requestedAt: String
    package let windowEndedAt: String
    package let issuedAt: String
    package let membershipsEnded: Int
    package let sessionsEnded: Int
    package let environments: [Environment]
    package let destinations: [Destination]

    static let heading = "holdfast offboarding certificate 1"

    /// - Throws: ``Refusal`` where something isn't confirmed.
    init(_ leaving: Leaving, apex: String, at now: Instant) throws {
        let unfinished = Refusal.conflict("leaving-unfinished", "Not everything is destroyed yet.")
        platform = apex
        tenant = "\(leaving.tenant)"
        (slug, name, reason) = (leaving.slug, leaving.name, leaving.reason)
        requestedAt = "\(leaving.requestedAt)"
        windowEndedAt = "\(leaving.endsAt)"
        issuedAt = "\(now)"
        (membershipsEnded, sessionsEnded) = (leaving.facts.members, leaving.facts.sessions)
        environments = try leaving.facts.environments.map { environment in
            guard let keys = environment.keysDestroyedAt, let database = environment.databaseDestroyedAt, let objects = environment.objects
            else { throw unfinished }
            return Environment(
                id: environment.id, host: environment.label, kind: environment.kind, createdAt: environment.createdAt,
                auditEntries: environment.entries, auditCheckpoint: environment.checkpoint, auditKey: environment.auditKey,
                keysDestroyed: environment.keys, keysDestroyedAt: keys, databaseDestroyedAt: database, objectsDeleted: objects)
        }
        destinations = try leaving.facts.destinations.map { destination in
            guard let confirmed = destination.confirmedAt else { throw unfinished }
            return Destination(name: destination.name, objectsDeleted: destination.objects, confirmedAt: confirmed)
        }
    }

    func signed(by signer: NoteSigner) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try signer.sign("\(Self.heading)\n\(String(decoding: try encoder.encode(self), as: UTF8.self))\n").description
    }

    /// Why a file is no certificate to believe; the text is for whoever holds it.
    package enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        case malformed
        case notSigned
        case altered
        case checkpoint(String)

        package var description: String {
            switch self {
            case .malformed: "This is no offboarding certificate, or it was altered."
            case .notSigned: "The certificate is not signed by this key."
            case .altered: "The certificate was altered: its signature does not fit."
            case .checkpoint(let host): "The last checkpoint of \(host) in the certificate is not one that its key signed."
            }
        }
    }

    /// Reads and verifies a certificate. Needs nothing but the platform's audit key.
    package init(verifying file: String, key: NoteKey) throws(Fault) {
        guard let note = try? SignedNote(parsing: file), note.text.hasPrefix(Self.heading + "\n") else { throw .malformed }
        do { try note.verified(by: [key]) } catch {
            switch error {
            case .forged: throw .altered
            default: throw .notSigned
            }
        }
        let json = note.text.dropFirst(Self.heading.count + 1)
        guard let certificate = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { throw .malformed }
        for environment in certificate.environments where !environment.auditCheckpoint.isEmpty {
            guard let key = NoteKey(environment.auditKey), let last = try? SignedNote(parsing: environment.auditCheckpoint),
                (try? last.verified(by: [key])) != nil, let checkpoint = try? Checkpoint(text: last.text),
                checkpoint.size == UInt64(clamping: environment.auditEntries)
            else { throw .checkpoint(environment.host) }
        }
        self = certificate
    }
}
