import Vocabulary

/// Writes an entry's line, byte for byte the same for the same facts.
enum AuditBody {
    static func text(seq: UInt64, event: AuditEvent, by principal: Principal, at instant: Instant) -> String {
        let (name, fields) = event.entry
        var line: [UInt8] = []
        line.reserveCapacity(384)
        line += Array(opening(actor: actor(principal), at: instant, event: name).utf8)
        line += "\"fields\":{".utf8
        for (index, field) in fields.sorted(by: { $0.name < $1.name }).enumerated() {
            if index > 0 { line += ",".utf8 }
            write(field.name, to: &line)
            switch field.value {
            case .name(let text): member(":{\"name\":", text, to: &line)
            case .reference(let text): member(":{\"reference\":", text, to: &line)
            case .number(let number): line += ":{\"number\":\(number)".utf8
            }
            line += "}".utf8
        }
        line += "}".utf8
        if let network = principal.address.flatMap(network(of:)) { member(",\"network\":", network, to: &line) }
        if let request = principal.request { member(",\"request\":", request, to: &line) }
        line += ",\"seq\":\(seq)".utf8
        if let session = principal.session { member(",\"session\":", session.description, to: &line) }
        line += "}".utf8
        return String(decoding: line, as: UTF8.self)
    }

    /// How every body begins; the verifier compares an entry's columns with it.
    static func opening(actor: String, at instant: Instant, event: String) -> String {
        var line: [UInt8] = []
        member("{\"actor\":", actor, to: &line)
        line += ",\"at\":\(instant.microseconds),\"event\":".utf8
        write(event, to: &line)
        line += ",".utf8
        return String(decoding: line, as: UTF8.self)
    }

    /// `account:…`, `client:…`, `shell:…`, `platform:…` or `anonymous`.
    static func actor(_ principal: Principal) -> String {
        switch principal.kind {
        case .account(let id): "account:\(id)"
        case .client(let name): "client:\(name)"
        case .shell(let user): "shell:\(user)"
        case .platform(let component): "platform:\(component)"
        case .anonymous: "anonymous"
        }
    }

    /// The /24 or /48 that an address lies in. Nil for text that is no address.
    static func network(of address: String) -> String? {
        if address.contains(":") {
            let bare = address.prefix { $0 != "%" }
            if let mapped = bare.split(separator: ":").last, mapped.contains(".") { return network(of: String(mapped)) }
            let head = bare.split(separator: ":", omittingEmptySubsequences: false)
            guard bare.utf8.count <= 39, bare.utf8.allSatisfy({ isHexadecimal($0) || $0 == UInt8(ascii: ":") }) else { return nil }
            var groups: [String] = []
            for group in head.prefix(3) {
                if group.isEmpty { break }
                groups.append(group.lowercased())
            }
            return groups.isEmpty ? "::/48" : groups.joined(separator: ":") + "::/48"
        }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) else { return nil }
        return parts.prefix(3).joined(separator: ".") + ".0/24"
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }

    private static func member(_ opening: String, _ text: String, to line: inout [UInt8]) {
        line += opening.utf8
        write(text, to: &line)
    }

    private static func write(_ text: String, to line: inout [UInt8]) { JSONValue.write(text, to: &line) }
}
