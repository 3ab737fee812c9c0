import CPortalFiles
import Crypto
import Vocabulary

/// Templates, style and script, which are part of the executable.
package enum PortalFiles {
    package static let templates: [String: String] = files(ofKind: 0)
    package static let assets: [String: String] = files(ofKind: 1)

    /// The address of an asset. It changes with the content, so that browsers may keep it for a year.
    package static func address(of asset: String) -> String { addresses[asset] ?? "/assets/\(asset)" }

    private static let addresses: [String: String] = Dictionary(
        uniqueKeysWithValues: assets.map { name, text in
            let digest = SHA256.hash(data: Array(text.utf8)).prefix(6).map { byte in
                let hex = String(byte, radix: 16)
                return hex.count == 1 ? "0\(hex)" : hex
            }
            return (name, "/assets/\(digest.joined())/\(name)")
        })

    private static func files(ofKind kind: Int32) -> [String: String] {
        var files: [String: String] = [:]
        var index = 0
        while let file = portal_file(index) {
            if file.pointee.kind == kind, let name = file.pointee.name, let bytes = file.pointee.bytes {
                files[String(cString: name)] = String(cString: bytes)
            }
            index += 1
        }
        return files
    }
}
