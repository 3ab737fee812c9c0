import Vocabulary

/// Turns a ``JSONValue`` into a Swift value, strictly: a wrong type or an unknown name is a problem that names its field.
package enum JSONDecoding {
    /// - Throws: ``Refusal`` `invalid` with one field problem.
    package static func decode<Value: Decodable>(_ type: Value.Type, from value: JSONValue) throws -> Value {
        do {
            return try ValueDecoder(value: value, codingPath: []).decode(type)
        } catch let error as DecodingError {
            throw refusal(for: error)
        }
    }

    package static func refusal(for error: DecodingError) -> Refusal {
        let (path, message): ([any CodingKey], String) =
            switch error {
            case .keyNotFound(let key, let context): (context.codingPath + [key], "This is needed.")
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context.codingPath, context.debugDescription)
            @unknown default: ([], "This value can't be used.")
            }
        var field = ""
        for key in path {
            if let index = key.intValue { field += "[\(index)]" } else { field += field.isEmpty ? key.stringValue : ".\(key.stringValue)" }
        }
        field = String(field.prefix(200))
        guard !field.isEmpty else { return Refusal(.invalid, "invalid-body", message) }
        return Refusal(.invalid, "invalid-body", "A value in the body can't be used.", fields: [.init(field: field, message: message)])
    }
}

private struct ValueDecoder: Decoder {
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if type == JSONValue.self, let same = value as? T { return same }
        let asked = AskedNames()
        let decoder = ValueDecoderWithNames(base: self, asked: asked)
        let result = try T(from: decoder)
        // Only types that read by name can say which names they know; a dictionary asks for all of them.
        if asked.isKeyed, let members = value.object, let stranger = members.keys.sorted().first(where: { !asked.names.contains($0) }) {
            let path = codingPath + [Name(stringValue: stranger)]
            throw DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: "There is no such field."))
        }
        return result
    }

    func mismatch(_ wanted: String) -> DecodingError {
        .typeMismatch(JSONValue.self, .init(codingPath: codingPath, debugDescription: "This must be \(wanted), not \(value.kindName)."))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let members = value.object else { throw mismatch("an object") }
        return KeyedDecodingContainer(Members(members: members, decoder: self, asked: nil))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let values = value.array else { throw mismatch("a list") }
        return Elements(values: values, decoder: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(decoder: self) }
}

/// The names a type asked for while it was read.
private final class AskedNames {
    var isKeyed = false
    var names: Set<String> = []
}

private struct ValueDecoderWithNames: Decoder {
    let base: ValueDecoder
    let asked: AskedNames
    var codingPath: [any CodingKey] { base.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let members = base.value.object else { throw base.mismatch("an object") }
        asked.isKeyed = true
        return KeyedDecodingContainer(Members(members: members, decoder: base, asked: asked))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try base.unkeyedContainer() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(decoder: base) }
}

private struct Name: CodingKey {
    let stringValue: String
    let intValue: Int?
    init(stringValue: String) { (self.stringValue, intValue) = (stringValue, nil) }
    init(intValue: Int) { (stringValue, self.intValue) = (String(intValue), intValue) }
}

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: JSONValue]
    let decoder: ValueDecoder
    let asked: AskedNames?

    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] {
        asked?.names.formUnion(members.keys)
        return members.keys.compactMap(Key.init(stringValue:))
    }

    func contains(_ key: Key) -> Bool {
        asked?.names.insert(key.stringValue)
        return members[key.stringValue] != nil
    }

    private func member(_ key: Key) throws -> ValueDecoder {
        guard contains(key), let value = members[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "This is needed."))
        }
        return ValueDecoder(value: value, codingPath: codingPath + [key])
    }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).value.isNull }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try member(key).decode(type) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        try member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try member(key).unkeyedContainer() }
    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
}

private struct Elements: UnkeyedDecodingContainer {
    let values: [JSONValue]
    let decoder: ValueDecoder
    var currentIndex = 0

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { values.count }
    var isAtEnd: Bool { currentIndex >= values.count }

    private mutating func next() throws -> ValueDecoder {
        let path = codingPath + [Name(intValue: currentIndex)]
        guard !isAtEnd else { throw DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: "This is needed.")) }
        defer { currentIndex += 1 }
        return ValueDecoder(value: values[currentIndex], codingPath: path)
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, values[currentIndex].isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}

private struct Single: SingleValueDecodingContainer {
    let decoder: ValueDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.value.isNull }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard let value = decoder.value.bool else { throw decoder.mismatch("true or false") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard let value = decoder.value.string else { throw decoder.mismatch("text") }
        return value
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let value = decoder.value.double else { throw decoder.mismatch("a number") }
        return value
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try whole(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try whole(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try whole(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try whole(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try whole(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try whole(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try whole(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try whole(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try whole(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try whole(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }

    private func whole<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard case .integer(let value) = decoder.value, let exact = T(exactly: value) else { throw decoder.mismatch("a whole number") }
        return exact
    }
}
