import Audit
import Foundation
import Wiring

/// Verifies an exported audit log without a server: the file alone is enough.
enum OfflineAudit {
    static func verify(file: String) throws -> Any {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped) else {
            throw CommandFailure(message: "The file \(file) can't be read. Check its name and your permission.", isUsage: true)
        }
        let report = bytes.withUnsafeBytes { AuditVerifier(key: nil).verify(export: $0) }
        return try JSONSerialization.jsonObject(with: Data("[\(report.json(log: report.origin).text)]".utf8))
    }
}
