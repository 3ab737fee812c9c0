/// A host and a port as a request names them (RFC 9110 section 7.2), lower case.
package struct Authority: Hashable, Sendable {
    package let host: String
    package let port: Int?

    package init(host: String, port: Int?) {
        self.host = host
        self.port = port
    }

    /// Nil for everything that no browser sends for one of our names: user information, spaces, other
    /// alphabets (browsers send punycode), an empty or impossible port. IP literals are read, and simply match no site.
    package init?(_ text: String) {
        guard (1...300).contains(text.utf8.count) else { return nil }
        var host: [UInt8] = []
        host.reserveCapacity(text.utf8.count)
        var port: Int?
        var isLiteral = false
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): host.append(byte | 0x20)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                host.append(byte)
            case UInt8(ascii: "["):
                guard host.isEmpty else { return nil }
                isLiteral = true
                host.append(byte)
            case UInt8(ascii: "]"):
                guard isLiteral else { return nil }
                isLiteral = false
                host.append(byte)
            case UInt8(ascii: ":"):
                if isLiteral {
                    host.append(byte)
                    continue
                }
                var value = 0
                var digits = 0
                while let digit = bytes.next() {
                    guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit, digits < 5 else { return nil }
                    value = value * 10 + Int(digit - UInt8(ascii: "0"))
                    digits += 1
                }
                guard digits > 0, (1...65535).contains(value) else { return nil }
                port = value
            default: return nil
            }
        }
        guard !host.isEmpty, !isLiteral else { return nil }
        self.host = String(decoding: host, as: UTF8.self)
        self.port = port
    }
}
