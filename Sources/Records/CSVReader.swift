/// Reads comma-separated values (RFC 4180) from a stream of UTF-8 pieces, with memory for one row.
///
/// Lenient where files in the wild are: any of comma, semicolon, tab and bar between values; LF, CRLF or CR at the end of a line; blank lines.
/// Strict where leniency would shift values: what can't be read is handed over as a row with a problem, and reading goes on after it.
package struct CSVReader {
    package enum Problem: String, Sendable {
        case unclosedQuote = "A quote is opened here and never closed."
        case textAfterQuote = "Something follows a closing quote. Write a quote inside a value twice."
        case tooLong = "The line is too long."
    }

    /// One row, valid during the callback that it is passed to.
    package struct Row {
        /// Where it starts, counted from 1 in lines of the file.
        package let line: Int
        package let problem: Problem?
        fileprivate let bytes: UnsafeBufferPointer<UInt8>
        fileprivate let ends: UnsafeBufferPointer<Int>

        package var count: Int { ends.count }

        package subscript(_ index: Int) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(rebasing: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
        }

        /// The values as text, mending what is not UTF-8.
        package var texts: [String] { (0..<count).map { String(decoding: self[$0], as: UTF8.self) } }
    }

    package static let rowLimit = 1 << 20
    package static let columnsLimit = 1000
    package static let delimiters: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]

    private enum State {
        case valueStart
        case plain
        case quoted
        case quoteInQuoted
        /// The row is lost; its end is looked for.
        case skipping
    }

    private let delimiter: UInt8
    private var state = State.valueStart
    private var row: [UInt8] = []
    private var ends: [Int] = []
    private var problem: Problem?
    private var line = 1
    private var rowLine = 1
    private var afterReturn = false
    private var isAtRowStart = true

    package init(delimiter: UInt8) {
        self.delimiter = delimiter
        row.reserveCapacity(4096)
    }

    /// Reads a piece and calls `body` for each row that ends in it.
    package mutating func read(_ piece: [UInt8], _ body: (Row) throws -> Void) rethrows {
        try piece.withUnsafeBufferPointer { try read(buffer: $0, body) }
    }

    /// Hands over the last row, if the file doesn't end with a line's end.
    package mutating func finish(_ body: (Row) throws -> Void) rethrows {
        if state == .quoted { problem = problem ?? .unclosedQuote }
        guard !isAtRowStart else { return }
        try endRow(body)
    }

    private mutating func read(buffer: UnsafeBufferPointer<UInt8>, _ body: (Row) throws -> Void) rethrows {
        let newline = UInt8(ascii: "\n")
        let carriageReturn = UInt8(ascii: "\r")
        let quote = UInt8(ascii: "\"")
        var index = 0
        let count = buffer.count
        while index < count {
            let byte = buffer[index]
            if afterReturn {
                afterReturn = false
                if byte == newline {
                    // Inside quotes both characters belong to the value.
                    if state == .quoted { row.append(byte) }
                    index += 1
                    continue
                }
            }
            switch state {
            case .valueStart where byte == quote:
                isAtRowStart = false
                state = .quoted
                index += 1
            case .valueStart, .plain:
                var end = index
                while end < count, buffer[end] != delimiter, buffer[end] != newline, buffer[end] != carriageReturn { end += 1 }
                if end > index {
                    row.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[index..<end]))
                    isAtRowStart = false
                    state = .plain
                    index = end
                    if row.count > Self.rowLimit { lose(.tooLong) }
                } else if byte == delimiter {
                    endValue()
                    index += 1
                } else {
                    afterReturn = byte == carriageReturn
                    line += 1
                    index += 1
                    try endRow(body)
                }
            case .quoted:
                var end = index
                while end < count, buffer[end] != quote, buffer[end] != newline, buffer[end] != carriageReturn { end += 1 }
                row.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[index..<end]))
                index = end
                guard end < count else { break }
                if buffer[end] == quote {
                    state = .quoteInQuoted
                } else {
                    row.append(buffer[end])
                    line += 1
                    afterReturn = buffer[end] == carriageReturn
                }
                index += 1
                if row.count > Self.rowLimit { lose(.tooLong) }
            case .quoteInQuoted:
                if byte == quote {
                    row.append(quote)
                    state = .quoted
                    index += 1
                } else if byte == delimiter || byte == newline || byte == carriageReturn {
                    // The plain state knows what to do at the end of a value.
                    state = .plain
                } else {
                    lose(.textAfterQuote)
                }
            case .skipping:
                while index < count, buffer[index] != newline, buffer[index] != carriageReturn { index += 1 }
                guard index < count else { break }
                afterReturn = buffer[index] == carriageReturn
                line += 1
                index += 1
                try endRow(body)
            }
        }
    }

    private mutating func endValue() {
        ends.append(row.count)
        state = .valueStart
        isAtRowStart = false
        if ends.count >= Self.columnsLimit { lose(.tooLong) }
    }

    private mutating func lose(_ problem: Problem) {
        self.problem = self.problem ?? problem
        row.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        isAtRowStart = false
        state = .skipping
    }

    private mutating func endRow(_ body: (Row) throws -> Void) rethrows {
        defer {
            row.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            problem = nil
            state = .valueStart
            isAtRowStart = true
            rowLine = line
        }
        // A blank line is no row.
        guard !isAtRowStart else { return }
        ends.append(row.count)
        try row.withUnsafeBufferPointer { bytes in
            try ends.withUnsafeBufferPointer { ends in
                try body(Row(line: rowLine, problem: problem, bytes: bytes, ends: ends))
            }
        }
    }

    /// The delimiter that divides the first rows of `sample` most evenly.
    package static func detectDelimiter(_ sample: [UInt8]) -> UInt8 {
        var best: (delimiter: UInt8, score: Int) = (UInt8(ascii: ","), 0)
        for delimiter in delimiters {
            var counts: [Int] = []
            var reader = CSVReader(delimiter: delimiter)
            reader.read(Array(sample.prefix(64 * 1024))) { row in
                if counts.count < 100, row.problem == nil { counts.append(row.count) }
            }
            if counts.isEmpty { reader.finish { counts.append($0.count) } }
            guard let first = counts.first, first > 1 else { continue }
            let even = counts.count { $0 == first }
            // Evenness counts first, then the number of columns.
            let score = even * 1000 / counts.count * 1000 + min(first, 999)
            if score > best.score { best = (delimiter, score) }
        }
        return best.delimiter
    }
}
