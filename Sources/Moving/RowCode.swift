import Crypto
import Storage

/// A row as bytes, the same for every engine: each value behind its kind, reals by their bits.
enum RowCode {
    static func write(_ values: [Value], to bytes: inout [UInt8]) {
        for value in values {
            switch value {
            case .null: bytes.append(0)
            case .integer(let integer):
                bytes.append(1)
                write(UInt64(bitPattern: integer), to: &bytes)
            case .real(let real):
                bytes.append(2)
                write(real.bitPattern, to: &bytes)
            case .text(var text):
                bytes.append(3)
                text.withUTF8 {
                    write(UInt64($0.count), to: &bytes)
                    bytes.append(contentsOf: $0)
                }
            case .blob(let blob):
                bytes.append(4)
                write(UInt64(blob.count), to: &bytes)
                bytes.append(contentsOf: blob)
            }
        }
    }

    static func bytes(_ values: [Value]) -> [UInt8] {
        var bytes: [UInt8] = []
        write(values, to: &bytes)
        return bytes
    }

    private static func write(_ word: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// What a database's rows amount to.
package struct RowsDigest: Sendable, Hashable {
    package let rows: Int
    /// Of the values, as ``RowCode`` writes them.
    package let bytes: Int
    /// SHA-256 over all columns of all rows of all tables, in the order of names and keys; hexadecimal.
    package let digest: String

    /// Reads every row of what is copied.
    /// - Parameter derived: tables that are not (``Derivation/tables``).
    package static func of(_ reader: any Reader, except derived: Set<String> = []) throws -> RowsDigest {
        try RowsDigest(Relation.all(in: reader, except: derived), in: reader)
    }

    init(_ relations: [Relation], in reader: any Reader) throws {
        var hash = SHA256()
        var buffer: [UInt8] = []
        buffer.reserveCapacity(1 << 17)
        var (rows, bytes) = (0, 0)
        for relation in relations.sorted(by: { $0.name.text < $1.name.text }) {
            RowCode.write([.text(relation.name.text)] + relation.columns.map { .text($0.text) }, to: &buffer)
            var here = 0
            try reader.each("SELECT \(relation.columnList) FROM \(relation.name) ORDER BY \(relation.keyList)") { row in
                here += 1
                let before = buffer.count
                RowCode.write(row.values, to: &buffer)
                bytes += buffer.count - before
                if buffer.count >= 1 << 16 {
                    hash.update(data: buffer)
                    buffer.removeAll(keepingCapacity: true)
                }
            }
            RowCode.write([.integer(Int64(here))], to: &buffer)
            rows += here
        }
        hash.update(data: buffer)
        self.rows = rows
        self.bytes = bytes
        digest = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
