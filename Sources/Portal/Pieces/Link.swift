import Vocabulary

/// A label and where it leads.
package struct Link: Sendable, Equatable {
    package let label: String
    package let address: String

    package init(_ label: String, _ address: String) {
        self.label = label
        self.address = address
    }
}

/// A moment as people read it. The machine-readable form goes beside it, and script shows the reader's own time zone.
package struct Moment: Sendable, Equatable {
    let iso: String
    let text: String

    /// - Parameter toTheSecond: for moments that somebody picks.
    package init(_ instant: Instant, toTheSecond: Bool = false) {
        iso = String(describing: instant)
        text = "\(Self.date(instant)), \(iso.dropFirst(11).prefix(toTheSecond ? 8 : 5)) UTC"
    }

    private static func date(_ instant: Instant) -> String {
        let iso = String(describing: instant)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard let month = Int(iso.dropFirst(5).prefix(2)), (1...12).contains(month), let day = Int(iso.dropFirst(8).prefix(2)) else {
            return String(iso.prefix(10))
        }
        return "\(day) \(months[month - 1]) \(iso.prefix(4))"
    }
}

/// A short state in a coloured capsule. The word carries the meaning, the colour only repeats it.
package struct Pill: Sendable, Equatable {
    package enum Tone: String, Sendable { case plain, good, warn, bad, note, info }
    let label: String
    let tone: String

    package init(_ label: String, _ tone: Tone = .plain) {
        self.label = label
        self.tone = tone.rawValue
    }
}

/// Numbers as people read them: `336 776`, with narrow spaces that don't break.
package enum Numeral {
    package static func text(_ number: Int) -> String {
        var digits: [Character] = []
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { digits.append("\u{202F}") }
            digits.append(digit)
        }
        return (number < 0 ? "−" : "") + String(digits.reversed())
    }

    /// `1 record`, `2 records`.
    package static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(text(number))\u{00A0}\(number == 1 ? singular : plural ?? singular + "s")"
    }
}
