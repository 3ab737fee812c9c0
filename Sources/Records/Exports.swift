import Audit
import Storage
import Vocabulary

package enum ExportFormat: String, Sendable, Hashable {
    case csv
    case jsonLines = "json-lines"

    package var contentType: String {
        switch self {
        case .csv: "text/csv; charset=utf-8; header=present"
        case .jsonLines: "application/x-ndjson"
        }
    }

    package var fileExtension: String {
        switch self {
        case .csv: "csv"
        case .jsonLines: "jsonl"
        }
    }
}

/// Exports, streamed page by page. Needs `export` and `view` in the collection.
package struct Exports: Sendable {
    let workspace: Workspace

    /// Chunks of bytes, one for each page of records; no more than a page is ever held. Audited before the first one.
    ///
    /// Each page is read in a snapshot of its own, so a record that changes while the export runs is in it once, as it was before or after.
    ///
    /// - Parameters:
    ///   - query: filter, sort, search and `deleted` count; the rest doesn't.
    ///   - guardFormulas: puts an apostrophe before CSV values that a spreadsheet would run (those that begin with `=`, `+`, `-`, `@`, tab or
    ///     carriage return), numbers aside. The file is then no longer exactly what is stored, so it is for people, not for programs.
    ///   - isWelcome: asked before each page but the first; once it says no, the export breaks off.
    /// - Returns: the bytes, as they are asked for.
    /// - Throws: ``Refusal`` before anything is written; while it runs, whatever the database throws.
    package func stream(
        _ slug: String, as format: ExportFormat, _ query: Query = Query(), guardFormulas: Bool = false, by actor: Actor,
        asLongAs isWelcome: @escaping @Sendable () async throws -> Bool = { true }
    ) async throws -> ExportStream {
        let listing = try await workspace.write(by: actor) { [workspace] transaction, design in
            let listing = try Listing(slug, query, for: .export, design, by: actor, transaction.dialect)
            let event = AuditEvent.exportStarted(collection: listing.collection.id, format: format.rawValue)
            try workspace.audit.record(event, by: actor.principal, at: workspace.clock.now(), in: transaction)
            return listing
        }
        return ExportStream(
            database: workspace.database, listing: listing, format: format, guardFormulas: guardFormulas, isWelcome: isWelcome)
    }

    /// The refused lines of an import as CSV: line, field, reason.
    package static func csv(of report: ImportReport) -> [UInt8] {
        var bytes = Array("line,field,reason\r\n".utf8)
        for line in report.lines {
            for reason in line.reasons {
                CSVText.write([String(line.line), reason.field, reason.message], guardFormulas: true, to: &bytes)
            }
        }
        return bytes
    }
}

/// The bytes of an export, made as they are asked for.
package struct ExportStream: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    static let pageLength = 500

    fileprivate let database: any Database
    fileprivate let listing: Listing
    fileprivate let format: ExportFormat
    fileprivate let guardFormulas: Bool
    fileprivate let isWelcome: @Sendable () async throws -> Bool

    package func makeAsyncIterator() -> Iterator { Iterator(export: self) }

    package struct Iterator: AsyncIteratorProtocol {
        private let export: ExportStream
        private var place: [Value]?
        private var isFirst = true
        private var isFinished = false

        fileprivate init(export: ExportStream) { self.export = export }

        package mutating func next() async throws -> [UInt8]? {
            guard !isFinished else { return nil }
            // A long export must not outlive the right to it.
            if !self.isFirst, try await !self.export.isWelcome() {
                isFinished = true
                throw Refusal(.unauthenticated, "sign-in-again", "Your access has ended, and the export with it.")
            }
            let (export, place, isFirst) = (export, place, isFirst)
            let (bytes, last) = try await export.database.read { try export.page(after: place, isFirst: isFirst, $0) }
            self.place = last
            self.isFirst = false
            isFinished = last == nil
            return bytes.isEmpty ? nil : bytes
        }
    }

    private func page(after place: [Value]?, isFirst: Bool, _ reader: any Reader) throws -> ([UInt8], [Value]?) {
        let page = try listing.page(after: place, limit: Self.pageLength, reader)
        let records = page.records
        var bytes: [UInt8] = []
        bytes.reserveCapacity(records.count * 400 + 1024)
        let fields = listing.collection.fields.map(\.key)
        if isFirst, format == .csv {
            CSVText.write(["_id", "_version", "_created", "_updated"] + fields, guardFormulas: guardFormulas, to: &bytes)
        }
        for record in records {
            switch format {
            case .csv:
                let values = record.values
                CSVText.write(
                    [record.id.description, String(record.version), record.createdAt.description, record.updatedAt.description],
                    guardFormulas: false,
                    endsRow: false, to: &bytes)
                for field in fields {
                    bytes.append(UInt8(ascii: ","))
                    CSVText.write(values[field] ?? .null, guardFormulas: guardFormulas, to: &bytes)
                }
                bytes.append(contentsOf: "\r\n".utf8)
            case .jsonLines: Self.writeLine(record, to: &bytes)
            }
        }
        return (bytes, page.next)
    }

    private static func writeLine(_ record: Record, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"_id":""#.utf8)
        bytes.append(contentsOf: record.id.description.utf8)
        bytes.append(contentsOf: #"","_version":"#.utf8)
        JSONText.write(Int64(record.version), to: &bytes)
        bytes.append(contentsOf: #","_created":""#.utf8)
        bytes.append(contentsOf: record.createdAt.description.utf8)
        bytes.append(contentsOf: #"","_updated":""#.utf8)
        bytes.append(contentsOf: record.updatedAt.description.utf8)
        bytes.append(UInt8(ascii: "\""))
        if record.body.utf8.count > 2 {
            bytes.append(UInt8(ascii: ","))
            bytes.append(contentsOf: record.body.utf8.dropFirst())
        } else {
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}

/// Writing RFC 4180.
enum CSVText {
    static func write(_ values: [String], guardFormulas: Bool, endsRow: Bool = true, to bytes: inout [UInt8]) {
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(value, guardFormulas: guardFormulas, to: &bytes)
        }
        if endsRow { bytes.append(contentsOf: "\r\n".utf8) }
    }

    static func write(_ value: JSONValue, guardFormulas: Bool, to bytes: inout [UInt8]) {
        switch value {
        case .null: break
        case .string(let text): write(text, guardFormulas: guardFormulas, to: &bytes)
        case .array, .object: write(value.text, guardFormulas: false, to: &bytes)
        default: value.write(to: &bytes)
        }
    }

    private static func write(_ text: String, guardFormulas: Bool, to bytes: inout [UInt8]) {
        var text = text
        if guardFormulas, let first = text.utf8.first, formulaStarts.contains(first) { text = "'" + text }
        let isPlain = text.utf8.allSatisfy { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",") && $0 != 0x0A && $0 != 0x0D }
        guard !isPlain else { return bytes.append(contentsOf: text.utf8) }
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let formulaStarts: Set<UInt8> = [
        UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0D,
    ]
}
