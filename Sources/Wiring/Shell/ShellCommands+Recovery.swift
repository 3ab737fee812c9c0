import Backup
import Hummingbird
import NIOCore
import Vocabulary
import Web

extension ShellCommands {
    private struct WantedBundle: Decodable {
        let holders: RecoveryHolders
        let version: String
    }

    func addRecoveryCommands(to router: Router<HoldfastContext>) {
        /// Answers with the bundle itself. No share ever comes here: whoever asks has made them.
        command("backup bundle", .post, "/backup/bundle", on: router) { [installation] request, context in
            let wanted = try await request.decode(WantedBundle.self, in: context)
            let principal = context.principal
            do {
                // What can be refused is refused before the answer begins.
                _ = try await installation.bundleContents(for: wanted.holders, version: wanted.version)
                _ = try await installation.keyring.apart { try $0.copy(note: "") }
            } catch let fault as RecoveryFault {
                throw Refusal.invalid("holders-invalid", fault.description, field: "holders")
            }
            return Response(
                status: .ok, headers: [.contentType: "application/x-tar"],
                body: .streaming { sink in
                    try await installation.writeBundle(for: wanted.holders, version: wanted.version, by: principal) {
                        try await sink.write(ByteBuffer(bytes: $0))
                    }
                })
        }
    }
}
