import CPostgres
import Glibc
import Storage

/// The object identifiers of PostgreSQL's own types, as far as the contract has them (`pg_type.dat`).
enum TypeID {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let char: Oid = 18
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let json: Oid = 114
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let unknown: Oid = 705
    static let bpchar: Oid = 1042
    static let varchar: Oid = 1043
    static let numeric: Oid = 1700
    static let void: Oid = 2278
    static let jsonb: Oid = 3802

    /// A real is bound as a number of any precision: an index over JSON's numbers serves it then, and it still goes into a `double precision`.
    static func of(_ value: Value) -> Oid {
        switch value {
        case .null: 0
        case .integer: int8
        case .real: numeric
        case .text: text
        case .blob: bytea
        }
    }
}

/// A statement's values as libpq takes them: one buffer, and where each of them lies in it. Kept by its connection, for the next statement to reuse.
struct Parameters {
    private var buffer: [UInt8] = []
    private var places: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private(set) var types: [Oid] = []

    private static let kept = 1 << 16

    init() {}

    /// Takes the values of a statement in place of those of the one before.
    mutating func take(_ parts: [SQL.Part]) throws {
        buffer.removeAll(keepingCapacity: buffer.count < Self.kept)
        places.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
        for part in parts { if case .bind(let value) = part { try append(value) } }
        guard types.count <= 65_535 else { throw StorageError.failed("more than 65,535 values in a statement") }
        // A pointer to an empty value must not be nil, which would be NULL.
        buffer.append(0)
    }

    private mutating func append(_ value: Value) throws {
        types.append(TypeID.of(value))
        let start = buffer.count
        var isBinary = true
        var isNull = false
        switch value {
        case .null: isNull = true
        case .integer(let integer): withUnsafeBytes(of: integer.bigEndian) { buffer.append(contentsOf: $0) }
        case .real(let real):
            isBinary = false
            let text = real.isNaN ? "NaN" : real.isInfinite ? (real < 0 ? "-Infinity" : "Infinity") : "\(real)"
            buffer.append(contentsOf: text.utf8)
            buffer.append(0)
        case .text(var text):
            let hasNUL = text.withUTF8 { bytes in
                buffer.append(contentsOf: bytes)
                return bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
            }
            if hasNUL { throw StorageError.failed("text with NUL") }
        case .blob(let bytes): buffer.append(contentsOf: bytes)
        }
        places.append(isNull ? -1 : start)
        lengths.append(Int32(clamping: buffer.count - start))
        formats.append(isBinary ? 1 : 0)
    }

    func withPointers<T>(
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> T
    ) -> T {
        guard !types.isEmpty else { return body(0, nil, nil, nil) }
        return buffer.withUnsafeBytes { bytes in
            let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: places.count) { pointers in
                for (index, place) in places.enumerated() {
                    pointers.initializeElement(at: index, to: place < 0 ? nil : base.map { $0 + place })
                }
                return body(Int32(clamping: types.count), UnsafePointer(pointers.baseAddress), lengths, formats)
            }
        }
    }
}
