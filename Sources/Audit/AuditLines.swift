#if canImport(Glibc)
import Glibc
#endif

/// Cuts bytes into lines without copying them.
struct AuditLines {
    struct Line {
        let number: Int
        let bytes: UnsafeRawBufferPointer

        func starts(with text: StaticString) -> Bool {
            bytes.count >= text.utf8CodeUnitCount
                && bytes.starts(with: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
    }

    private var rest: UnsafeRawBufferPointer
    /// Of the line that came last, from 1.
    private(set) var number = 0
    /// Whether the last line had its newline: a file that was cut off hasn't.
    private(set) var endsWhole = true

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    mutating func next() -> Line? {
        guard let base = rest.baseAddress, rest.count > 0 else { return nil }
        number += 1
        let length: Int
        if let newline = memchr(base, 0x0A, rest.count) {
            length = UnsafeRawPointer(newline) - base
            defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length + 1)) }
            return Line(number: number, bytes: UnsafeRawBufferPointer(start: base, count: length))
        }
        endsWhole = false
        defer { rest = UnsafeRawBufferPointer(start: nil, count: 0) }
        return Line(number: number, bytes: rest)
    }
}
