import CPostgres

/// Notes a warning of the server. The thread that reads the connection's answers calls it: hence unchecked.
final class Notices: @unchecked Sendable {
    var hasWarned = false

    init(_ connection: OpaquePointer) {
        // The session owns both, and closes the connection first.
        PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context, let severity = PQresultErrorField(result, Int32(UInt8(ascii: "V"))) else { return }
                if String(cString: severity) == "WARNING" { Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().hasWarned = true }
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
