import Vocabulary

/// Reads one JSON object per line from a stream of UTF-8 pieces, with memory for one line.
package struct JSONLinesReader {
    package struct Line {
        package let number: Int
        package let result: Result<JSONObject, ValueProblem>
    }

    package static let lineLimit = 1 << 20

    private var line: [UInt8] = []
    private var number = 1
    private var isTooLong = false

    package init() {}

    package mutating func read(_ piece: [UInt8], _ body: (Line) throws -> Void) rethrows {
        var start = 0
        while let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
            append(piece[start..<end])
            try emit(body)
            start = end + 1
        }
        append(piece[start...])
    }

    package mutating func finish(_ body: (Line) throws -> Void) rethrows {
        if !line.isEmpty || isTooLong { try emit(body) }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard line.count + bytes.count <= Self.lineLimit else { return isTooLong = true }
        line.append(contentsOf: bytes)
    }

    private mutating func emit(_ body: (Line) throws -> Void) rethrows {
        defer {
            line.removeAll(keepingCapacity: true)
            isTooLong = false
            number += 1
        }
        if isTooLong { return try body(Line(number: number, result: .failure(ValueProblem(message: "The line is too long.")))) }
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
        try body(Line(number: number, result: Self.object(line)))
    }

    private static func object(_ line: [UInt8]) -> Result<JSONObject, ValueProblem> {
        do throws(JSONReader.Failure) {
            guard let object = try JSONReader.read(line).object else {
                return .failure(ValueProblem(message: "The line is not a JSON object."))
            }
            return .success(object)
        } catch {
            return .failure(ValueProblem(message: error.message))
        }
    }
}
