/// A small XML document, as S3 answers: elements and text. Attributes, comments and the declaration are passed over; a document
/// type, and with it every entity of its own, is refused.
struct XMLElement: Sendable {
    private static let deepest = 12
    private static let elementsAtMost = 20_000

    let name: String
    private(set) var text = ""
    private(set) var children: [XMLElement] = []

    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    private init(name: String) { self.name = name }

    /// Nil where the bytes are no such document.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var open: [XMLElement] = []
        var count = 0
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "<")) ?? rest.endIndex
            if !open.isEmpty {
                guard let text = Self.decoded(rest[..<end]) else { return nil }
                open[open.count - 1].text += text
            }
            guard end < rest.endIndex, let close = rest[end...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
            let tag = rest[rest.index(after: end)..<close]
            rest = rest[rest.index(after: close)...]
            switch tag.first {
            case UInt8(ascii: "?"): continue
            case UInt8(ascii: "!"):
                guard tag.starts(with: "!--".utf8), tag.count >= 5, tag.suffix(2).elementsEqual("--".utf8) else { return nil }
            case UInt8(ascii: "/"):
                guard let element = open.popLast(), Self.name(tag.dropFirst()) == element.name else { return nil }
                if open.isEmpty {
                    self = element
                    return
                }
                open[open.count - 1].children.append(element)
            default:
                count += 1
                let isEmpty = tag.last == UInt8(ascii: "/")
                guard count <= Self.elementsAtMost, open.count < Self.deepest, let name = Self.name(isEmpty ? tag.dropLast() : tag) else {
                    return nil
                }
                let element = XMLElement(name: name)
                if !isEmpty {
                    open.append(element)
                } else if open.isEmpty {
                    self = element
                    return
                } else {
                    open[open.count - 1].children.append(element)
                }
            }
        }
        return nil
    }

    private static func name(_ tag: ArraySlice<UInt8>) -> String? {
        let name = tag.prefix { $0 > 32 }
        guard (1...100).contains(name.count) else { return nil }
        return String(decoding: name, as: UTF8.self)
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
        var text = ""
        var rest = Substring(decoding: bytes, as: UTF8.self)
        while let start = rest.firstIndex(of: "&") {
            guard let end = rest[start...].firstIndex(of: ";") else { return nil }
            text += rest[..<start]
            switch rest[rest.index(after: start)..<end] {
            case "amp": text += "&"
            case "lt": text += "<"
            case "gt": text += ">"
            case "quot": text += "\""
            case "apos": text += "'"
            case let number where number.hasPrefix("#"):
                let digits = number.dropFirst()
                let value = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
                guard let scalar = value.flatMap(Unicode.Scalar.init) else { return nil }
                text.unicodeScalars.append(scalar)
            default: return nil
            }
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }
}
