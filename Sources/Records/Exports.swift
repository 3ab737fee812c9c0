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

    /// Chunks of bytes, each at most about 256 KiB. Audited before the first one.
    ///
    /// `guardFormulas` puts an apostrophe before CSV values that a spreadsheet would run (`=`, `+`, `-`, `@`, tab, carriage return).
    package func stream(
        _ slug: String, as format: ExportFormat, _ query: Query = Query(), guardFormulas: Bool = false, by actor: Actor
    ) async throws -> ExportStream {
        throw Refusal.invalid("todo", "todo")
    }
}

/// The bytes of an export, made as they are asked for.
package struct ExportStream: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    package struct Iterator: AsyncIteratorProtocol {
        package mutating func next() async throws -> [UInt8]? { nil }
    }

    package func makeAsyncIterator() -> Iterator { Iterator() }
}
