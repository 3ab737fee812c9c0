import CAPIDescription
import Controls
import Hummingbird
import NIOCore
import Records
import Vocabulary
import Web

extension Endpoint {
    static let controls: [Endpoint] = [
        Endpoint(.get, "/controls", needs: .membership) { call in
            _ = try call.actor()
            let controls = try await call.parts.controls.list()
            return .json(["controls": .array(controls.map(\.json))])
        }
    ]

    static let description: [Endpoint] = [
        Endpoint(.get, "/openapi.json", needs: .nothing) { _ in
            .bytes(APIDescription.buffer, type: "application/json", headers: [.cacheControl: "public, max-age=300"])
        }
    ]
}

/// The hand-written description, part of the program.
package enum APIDescription {
    package static let bytes = [UInt8](UnsafeBufferPointer(start: api_description(), count: api_description_length()))
    static let buffer = ByteBuffer(bytes: bytes)
}
