import CPostgres
import Storage

/// What a result's columns are called and made of.
struct Columns {
    let names: Row.Columns
    private let types: [Oid]

    init(_ result: OpaquePointer) {
        let range = 0..<PQnfields(result)
        names = Row.Columns(names: range.map { PQfname(result, $0).map { String(cString: $0) } ?? "" })
        types = range.map { PQftype(result, $0) }
    }

    func row(_ index: Int32, of result: OpaquePointer) throws -> Row {
        var values: [Value] = []
        values.reserveCapacity(types.count)
        for column in types.indices { values.append(try value(result, index, Int32(column))) }
        return Row(columns: names, values: values)
    }

    /// Results are asked for in the binary form, which is big-endian (`*send` functions in PostgreSQL's `utils/adt`).
    private func value(_ result: OpaquePointer, _ row: Int32, _ column: Int32) throws -> Value {
        if PQgetisnull(result, row, column) != 0 { return .null }
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
        switch types[Int(column)] {
        case TypeID.int8: return .integer(Int64(bitPattern: bytes.word()))
        case TypeID.text, TypeID.varchar, TypeID.bpchar, TypeID.name, TypeID.json, TypeID.unknown, TypeID.char:
            return .text(String(decoding: bytes, as: UTF8.self))
        case TypeID.bytea: return .blob([UInt8](bytes))
        case TypeID.bool: return .integer(bytes.first == 0 ? 0 : 1)
        case TypeID.int4: return .integer(Int64(Int32(truncatingIfNeeded: bytes.word())))
        case TypeID.int2: return .integer(Int64(Int16(truncatingIfNeeded: bytes.word())))
        case TypeID.oid: return .integer(Int64(bytes.word()))
        case TypeID.float8: return .real(Double(bitPattern: bytes.word()))
        case TypeID.float4: return .real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bytes.word()))))
        case TypeID.numeric: return Self.number(bytes)
        // A version byte stands before the text.
        case TypeID.jsonb: return .text(String(decoding: bytes.dropFirst(), as: UTF8.self))
        case TypeID.void: return .null
        case let type: throw StorageError.unexpectedColumn("\(names.names[Int(column)]) of PostgreSQL's type \(type)")
        }
    }

    /// Four words (count of digits, weight of the first, sign, decimals to show), then digits of base 10,000. Whole numbers become integers.
    private static func number(_ bytes: UnsafeRawBufferPointer) -> Value {
        func half(_ index: Int) -> Int { Int(bytes[index * 2]) << 8 | Int(bytes[index * 2 + 1]) }
        let (count, sign) = (half(0), half(2))
        let weight = Int(Int16(truncatingIfNeeded: half(1)))
        switch sign {
        case 0xC000: return .real(.nan)
        case 0xD000: return .real(.infinity)
        case 0xF000: return .real(-.infinity)
        default: break
        }
        // Trailing zeros are not stored, so what has no digit behind the point is whole.
        if count <= weight + 1, weight < 5 {
            var whole: Int64 = 0
            var fits = true
            for index in 0..<max(weight + 1, 0) {
                let (product, tooLarge) = whole.multipliedReportingOverflow(by: 10_000)
                let (sum, overflow) = product.subtractingReportingOverflow(index < count ? Int64(half(4 + index)) : 0)
                if tooLarge || overflow { fits = false }
                whole = sum
            }
            // Counted below zero, where there is room for one more.
            if fits, sign != 0 { return .integer(whole) }
            if fits, whole != .min { return .integer(-whole) }
        }
        var text = sign == 0 ? "" : "-"
        for index in 0..<count {
            let digits = String(half(4 + index))
            text += String(repeating: "0", count: 4 - digits.count) + digits
        }
        // The digits as a whole number, and how far the point lies from its end.
        return .real(Double(text + "e\((weight + 1 - count) * 4)") ?? .nan)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func word() -> UInt64 {
        var word: UInt64 = 0
        for byte in self { word = word << 8 | UInt64(byte) }
        return word
    }
}
