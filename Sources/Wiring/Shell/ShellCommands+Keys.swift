import Foundation
import Hummingbird
import Sealing
import Vocabulary
import Web

extension ShellCommands {
    private struct Rotation: Decodable { let file: String }

    func addKeyCommands(to router: Router<HoldfastContext>) {
        let keyring = installation.keyring
        command("key status", .get, "/key", on: router) { _, _ in
            .json([
                "sealed": .bool(keyring.isSealed), "master_key_version": keyring.masterVersion.map { .integer(Int64($0)) } ?? .null,
                "keys": .integer(Int64(try keyring.owners().count)),
            ])
        }
        command("key rotate", .post, "/key/rotate", on: router) { request, context in
            let wanted = try await request.decode(Rotation.self, in: context)
            let version = (keyring.masterVersion ?? 0) + 1
            let key: MasterKey
            if FileManager.default.fileExists(atPath: wanted.file) {
                key = try MasterKey.load(from: .file(wanted.file))
            } else {
                key = try MasterKey.create(at: wanted.file, version: version, entropy: installation.entropy)
            }
            // Written first: a rotation that can't be audited doesn't happen.
            try await installation.control.write { transaction in
                try installation.audit.record(
                    .masterKeyRotated(version: key.version), by: context.principal, at: installation.clock.now(), in: transaction)
            }
            try await keyring.rotateMaster(to: key)
            return .json([
                "master_key_version": .integer(Int64(key.version)), "fingerprint": .string(key.fingerprint),
                "keys": .integer(Int64(try keyring.owners().count)),
            ])
        }
    }
}
