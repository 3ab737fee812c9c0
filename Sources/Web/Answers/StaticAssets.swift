import HTTPTypes
import Hummingbird
import NIOCore
import Vocabulary

/// Files that are part of the program: style sheets, modules, icons. Served under `/assets/` from memory.
package struct StaticAssets: Sendable {
    package struct Asset: Sendable {
        package let name: String
        package let type: String
        package let content: ByteBuffer
        /// Strong: a digest of the content.
        package let etag: String
    }

    private let assets: [String: Asset]

    /// `files` maps a name such as `holdfast.css` to its bytes and media type.
    package init(_ files: [(name: String, type: String, content: [UInt8])]) {
        var assets: [String: Asset] = [:]
        for file in files {
            let etag = "\"\(Self.digest(file.content))\""
            assets[file.name] = Asset(name: file.name, type: file.type, content: ByteBuffer(bytes: file.content), etag: etag)
        }
        self.assets = assets
    }

    /// Where a page finds the asset: the address changes with the content, so it is kept for a year.
    package func address(of name: String) -> String {
        guard let asset = assets[name] else { return "/assets/\(name)" }
        return "/assets/\(name)?v=\(asset.etag.dropFirst().prefix(12))"
    }

    package func addRoutes(to router: Router<HoldfastContext>) {
        router.get("/assets/{name}") { request, context in
            let name = try context.parameter("name")
            guard let asset = assets[name] else { throw Refusal.notFound("file") }
            let isVersioned = request.query("v").map { asset.etag.dropFirst().hasPrefix($0) && $0.count >= 12 } ?? false
            let headers: HTTPFields = [
                .eTag: asset.etag, .cacheControl: isVersioned ? "public, max-age=31536000, immutable" : "public, max-age=300",
            ]
            if request.headers[.ifNoneMatch]?.contains(asset.etag) == true { return Response(status: .notModified, headers: headers) }
            return .bytes(asset.content, type: asset.type, headers: headers)
        }
    }

    /// FNV-1a in 64 bits, twice: names versions of our own files, protects nothing.
    private static func digest(_ bytes: [UInt8]) -> String {
        var left: UInt64 = 0xCBF2_9CE4_8422_2325
        var right: UInt64 = 0x8422_2325_CBF2_9CE4
        for byte in bytes {
            left = (left ^ UInt64(byte)) &* 0x100_0000_01B3
            right = (right ^ UInt64(byte &+ 0x5D)) &* 0x100_0000_01B3
        }
        return String(left, radix: 36) + String(right, radix: 36)
    }
}
