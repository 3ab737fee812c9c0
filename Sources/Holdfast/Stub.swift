enum OfflineAudit { static func verify(file: String) throws -> Any { [] } }
enum Installation { static func run(_ c: Configuration) async throws {} }
