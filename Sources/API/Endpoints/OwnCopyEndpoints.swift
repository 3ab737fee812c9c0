import HTTPTypes
import Hummingbird
import NIOCore
import OwnCopies
import Records
import Tenants
import Vocabulary
import Web

extension Endpoint {
    private struct Fetch: Decodable {
        let passphrase: String?
        let recipients: [String]?
    }

    private struct Recipients: Decodable { let recipients: [String] }

    /// Files with all of an environment, for its customer to keep.
    static let ownCopies: [Endpoint] = [
        Endpoint(.get, "/own-copies", needs: .manageBackups) { call in
            let environment = try await call.owned()
            let copies = call.parts.ownCopies
            return .json([
                "own_copies": .array(try await copies.list(of: environment.id).map(\.document)),
                "underway": try await copies.underway(in: environment.id)?.document ?? .null,
            ])
        },
        Endpoint(.post, "/own-copies", needs: .manageBackups) { call in
            let environment = try await call.owned()
            let operation = try await call.parts.ownCopies.order(in: environment, by: call.actor().principal)
            return .json(operation.document, status: .accepted, headers: [.location: "\(API.base)/own-copies", .retryAfter: "1"])
        },
        Endpoint(.get, "/own-copies/{copy}", needs: .manageBackups) { call in
            let environment = try await call.owned()
            return .json(try await call.parts.ownCopies.find(call.context.id("copy", what: "file"), of: environment.id).document)
        },
        Endpoint(.post, "/own-copies/{copy}/file", needs: .manageBackups) { call in
            let environment = try await call.owned()
            try call.context.requireRecentProof()
            let wanted = try await call.body(Fetch.self)
            let file = try await call.parts.ownCopies.fetch(
                call.context.id("copy", what: "file"), of: environment,
                for: OwnCopies.Wish(passphrase: wanted.passphrase, recipients: wanted.recipients), by: call.actor().principal,
                asLongAs: { try await call.isWelcome() })
            return .download(name: file.name, type: "application/octet-stream") { sink in
                for try await piece in file.content { try await sink.write(ByteBuffer(bytes: piece)) }
            }
        },
        Endpoint(.get, "/own-copy-recipients", needs: .manageBackups) { call in
            let environment = try await call.owned()
            return .json(["recipients": .array(try await call.parts.ownCopies.recipients(of: environment.id).map { .string("\($0)") })])
        },
        Endpoint(.put, "/own-copy-recipients", needs: .manageBackups) { call in
            let environment = try await call.owned()
            try call.context.requireRecentProof()
            let wanted = try await call.body(Recipients.self).recipients
            try await call.parts.ownCopies.setRecipients(wanted, in: environment, by: call.actor().principal)
            return .json(["recipients": .array(try await call.parts.ownCopies.recipients(of: environment.id).map { .string("\($0)") })])
        },
    ]
}

extension Call {
    /// The environment, once it is clear that the visitor may have all of it.
    fileprivate func owned() async throws -> HostedEnvironment {
        let environment = try context.requireEnvironment()
        try await parts.ownCopies.require(actor(), in: environment)
        return try await parts.tenants.environment(environment)
    }
}
