import Records
import Testing

struct CSVReaderTests {
    private func rows(_ text: String, delimiter: Character = ",", pieces: Int) -> [String] {
        var reader = CSVReader(delimiter: delimiter.asciiValue ?? 0)
        var rows: [String] = []
        let bytes = Array(text.utf8)
        func note(_ row: CSVReader.Row) {
            rows.append("\(row.line):" + (row.problem.map { "\($0)" } ?? row.texts.joined(separator: "·")))
        }
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            reader.read(Array(bytes[start..<min(start + pieces, bytes.count)])) { note($0) }
        }
        reader.finish { note($0) }
        return rows
    }

    @Test(
        arguments: [
            ("a,b\nc,d\n", ["1:a·b", "2:c·d"]), ("a,b\r\nc,d", ["1:a·b", "2:c·d"]), ("a,b\rc,d\r", ["1:a·b", "2:c·d"]),
            ("\"a\"\"b\",\"c\nd\"\ne", ["1:a\"b·c\nd", "3:e"]), ("\"a\r\nb\",c\r\nd", ["1:a\r\nb·c", "3:d"]),
            (",\n\n,,\n", ["1:·", "3:··"]),
            ("\"\",x", ["1:·x"]), ("a\"b,c", ["1:a\"b·c"]), ("\"a\"b,c\nd,e", ["1:textAfterQuote", "2:d·e"]),
            ("a,\"b\nc", ["1:unclosedQuote"]),
            ("", []), ("\n\r\n\r", []), ("\"a\",\"b\"", ["1:a·b"]), ("\"a\n\n\nb\",c\nd,e", ["1:a\n\n\nb·c", "5:d·e"]), ("a,", ["1:a·"]),
        ] as [(String, [String])])
    func `rows are the same, however the bytes are cut`(text: String, expected: [String]) {
        for pieces in 1...8 { #expect(rows(text, pieces: pieces) == expected) }
        #expect(rows(text, pieces: 1000) == expected)
    }

    @Test func `a line without end is lost, and the next one is read`() {
        let text = String(repeating: "x", count: 3 << 20) + "\na,b\n"
        #expect(rows(text, pieces: 65_536) == ["1:tooLong", "2:a·b"])
        #expect(rows(String(repeating: ",", count: 5000) + "\na,b\n", pieces: 100) == ["1:tooLong", "2:a·b"])
    }

    @Test(arguments: ["a,b;c\n1,2;3", "a;b,c;d\n1;2,5;3\n2;3,5;4", "a\tb\n1,5\t2", "a|b|c\n1|2|3", "single\nvalues"])
    func `the delimiter is what divides evenly`(text: String) {
        let expected: [String: Character] = ["a;": ";", "a\t": "\t", "a|": "|"]
        let delimiter = expected[String(text.prefix(2))] ?? ","
        #expect(CSVReader.detectDelimiter(Array(text.utf8)) == delimiter.asciiValue)
    }
}
