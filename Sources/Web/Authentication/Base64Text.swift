#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

enum Base64Text {
    /// Text behind padded base64, as `Authorization: Basic` carries it. Nil for everything else.
    static func decode(_ text: some StringProtocol) -> String? {
        guard let data = Data(base64Encoded: String(text)) else { return nil }
        return String(validating: data, as: UTF8.self)
    }
}
