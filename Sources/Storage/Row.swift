import Vocabulary

/// What a column holds. Text is UTF-8 without NUL.
package enum Value: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// One row of a result: values with their columns' names.
package struct Row: Sendable {
    package let columns: Columns
    package let values: [Value]

    /// Shared by all rows of one result.
    package final class Columns: Sendable {
        package let names: [String]
        package init(names: [String]) { self.names = names }
    }

    package init(columns: Columns, values: [Value]) {
        self.columns = columns
        self.values = values
    }

    @inlinable package func get<T: ColumnValue>(_ index: Int, as: T.Type = T.self) throws -> T {
        guard values.indices.contains(index), let value = T(columnValue: values[index]) else {
            throw StorageError.unexpectedColumn("\(index) as \(T.self)")
        }
        return value
    }

    @inlinable package func get<T: ColumnValue>(_ name: String, as: T.Type = T.self) throws -> T {
        guard let index = columns.names.firstIndex(of: name), let value = T(columnValue: values[index]) else {
            throw StorageError.unexpectedColumn("\(name) as \(T.self)")
        }
        return value
    }
}

/// A type that binds to a parameter and is read from a column.
package protocol ColumnValue {
    var columnValue: Value { get }
    init?(columnValue: Value)
}

extension Value: ColumnValue {
    package var columnValue: Value { self }
    package init?(columnValue: Value) { self = columnValue }
}

extension Int64: ColumnValue {
    package var columnValue: Value { .integer(self) }
    package init?(columnValue: Value) {
        guard case .integer(let value) = columnValue else { return nil }
        self = value
    }
}

extension Int: ColumnValue {
    package var columnValue: Value { .integer(Int64(self)) }
    package init?(columnValue: Value) {
        guard case .integer(let value) = columnValue else { return nil }
        self = Int(value)
    }
}

extension Bool: ColumnValue {
    package var columnValue: Value { .integer(self ? 1 : 0) }
    package init?(columnValue: Value) {
        guard case .integer(let value) = columnValue else { return nil }
        self = value != 0
    }
}

extension Double: ColumnValue {
    package var columnValue: Value { .real(self) }
    package init?(columnValue: Value) {
        switch columnValue {
        case .real(let value): self = value
        case .integer(let value): self = Double(value)
        default: return nil
        }
    }
}

extension String: ColumnValue {
    package var columnValue: Value { .text(self) }
    package init?(columnValue: Value) {
        guard case .text(let value) = columnValue else { return nil }
        self = value
    }
}

extension [UInt8]: ColumnValue {
    package var columnValue: Value { .blob(self) }
    package init?(columnValue: Value) {
        guard case .blob(let value) = columnValue else { return nil }
        self = value
    }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    package var columnValue: Value { self?.columnValue ?? .null }
    package init?(columnValue: Value) {
        if case .null = columnValue {
            self = Wrapped?.none
        } else {
            guard let value = Wrapped(columnValue: columnValue) else { return nil }
            self = Wrapped?.some(value)
        }
    }
}

extension Instant: ColumnValue {
    package var columnValue: Value { .integer(microseconds) }
    package init?(columnValue: Value) {
        guard case .integer(let value) = columnValue else { return nil }
        self.init(microseconds: value)
    }
}

extension ID: ColumnValue {
    package var columnValue: Value { .text(description) }
    package init?(columnValue: Value) {
        guard case .text(let value) = columnValue else { return nil }
        self.init(value)
    }
}
