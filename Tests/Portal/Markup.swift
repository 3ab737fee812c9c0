/// Reads HTML strictly enough to find what a template or an escape got wrong. Not a browser: it accepts only what we write.
struct Markup {
    struct Element {
        let name: String
        let attributes: [(name: String, value: String)]
        let ancestors: [String]
        subscript(_ name: String) -> String? { attributes.first { $0.name == name }?.value }
        func has(_ name: String) -> Bool { attributes.contains { $0.name == name } }
    }

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var elements: [Element] = []

    private static let void: Set<String> = ["meta", "link", "input", "br", "hr", "img", "path", "circle", "rect"]

    init(_ html: String) throws {
        let scalars = Array(html.unicodeScalars)
        var open: [String] = []
        var index = 0
        func fail(_ message: String) -> Fault {
            Fault(
                description:
                    "\(message) near …\(String(String.UnicodeScalarView(scalars[max(0, index - 60)..<min(scalars.count, index + 60)])))…")
        }
        while index < scalars.count {
            guard scalars[index] == "<" else {
                if scalars[index] == ">" || scalars[index] == "\"" && open.last != "p" && false { throw fail("bare \(scalars[index])") }
                index += 1
                continue
            }
            index += 1
            if index < scalars.count, scalars[index] == "!" {
                while index < scalars.count, scalars[index] != ">" { index += 1 }
                index += 1
                continue
            }
            let isEnd = index < scalars.count && scalars[index] == "/"
            if isEnd { index += 1 }
            var name = ""
            while index < scalars.count, scalars[index].properties.isAlphabetic || ("0"..."9").contains(scalars[index]) {
                name.unicodeScalars.append(scalars[index])
                index += 1
            }
            guard !name.isEmpty else { throw fail("a < that opens nothing") }
            var attributes: [(String, String)] = []
            var closesItself = false
            while true {
                while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
                guard index < scalars.count else { throw fail("a tag that never ends") }
                if scalars[index] == ">" {
                    index += 1
                    break
                }
                if scalars[index] == "/" {
                    closesItself = true
                    index += 1
                    continue
                }
                var attribute = ""
                while index < scalars.count, scalars[index] != "=", scalars[index] != ">", scalars[index] != "/",
                    !scalars[index].properties.isWhitespace
                {
                    guard scalars[index] != "\"", scalars[index] != "'", scalars[index] != "<" else { throw fail("a stray quote") }
                    attribute.unicodeScalars.append(scalars[index])
                    index += 1
                }
                guard attribute.allSatisfy({ $0.isASCII }) else { throw fail("strange attribute \(attribute)") }
                var value = ""
                if index < scalars.count, scalars[index] == "=" {
                    index += 1
                    guard index < scalars.count, scalars[index] == "\"" else { throw fail("\(attribute) without quotes") }
                    index += 1
                    while index < scalars.count, scalars[index] != "\"" {
                        guard scalars[index] != "<" else { throw fail("< in \(attribute)") }
                        value.unicodeScalars.append(scalars[index])
                        index += 1
                    }
                    index += 1
                }
                guard !attributes.contains(where: { $0.0 == attribute }) else { throw fail("\(attribute) twice") }
                attributes.append((attribute, value))
            }
            if isEnd {
                guard open.last == name else { throw fail("</\(name)> where <\(open.last ?? "nothing")> is open") }
                open.removeLast()
            } else {
                elements.append(Element(name: name, attributes: attributes.map { (name: $0.0, value: $0.1) }, ancestors: open))
                if !Self.void.contains(name), !closesItself { open.append(name) }
            }
        }
        guard open.isEmpty else { throw fail("<\(open.joined(separator: "><"))> left open") }
    }
}
