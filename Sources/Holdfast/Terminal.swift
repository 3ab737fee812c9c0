import Foundation

/// The terminal of whoever runs a command: results to standard output, everything else to standard error.
enum Terminal {
    static func say(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", to: .standardOutput) }

    static func note(_ text: String) { write(text + "\n", to: .standardError) }

    /// Whoever has stopped reading keeps nothing from being done.
    private static func write(_ text: String, to handle: FileHandle) { try? handle.write(contentsOf: Data(text.utf8)) }

    static func complain(_ text: String) {
        note(text.hasPrefix("Error: ") || text.contains("\n") ? text : "holdfast: \(text)")
    }

    /// Columns padded to their widest cell; the first row is the heading.
    static func table(_ rows: [[String]]) {
        guard let heading = rows.first else { return }
        let widths = heading.indices.map { column in rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0 }
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: max(0, widths[column] - cell.count))
            }
            say(cells.joined(separator: "  "))
        }
    }
}
