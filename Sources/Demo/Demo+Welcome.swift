import Vocabulary

extension Demo {
    /// What the person at the terminal is told once the server listens: where to go and how to get in.
    ///
    /// `origin`: of a host's label, nil for the apex. `command`: how this executable was called, so that the line can be copied.
    package static func welcome(origin: (String?) -> String, command: String, at now: Instant) -> String {
        let shown = doors.filter { $0.role == "owner" || $0.label == nil || $0.person.name == "dmitri" }
        let rows = shown.sorted { ($0.label ?? "~") < ($1.label ?? "~") }.map { door in
            (
                head: "\(door.place), as \(door.role)", address: origin(door.label) + "/",
                way: "\(door.person.identifier)   \(door.person.password)", name: door.person.name
            )
        }
        let width = rows.map(\.address.count).max() ?? 0
        var lines = ["", "This is a demo. Its people are invented, and their passwords are the same on every machine.", ""]
        for row in rows {
            lines.append("  \(row.head)")
            lines.append("    \(row.address)\(String(repeating: " ", count: width - row.address.count))   \(row.way)")
        }
        guard let first = shown.first(where: { $0.role == "owner" })?.person else { return lines.joined(separator: "\n") }
        lines += [
            "",
            "The second factor's code changes every 30 seconds. For \(first.name) it is \(first.code(at: now)) now; ask for the next in another terminal:",
            "", "    \(command) demo code \(first.name)", "",
        ]
        return lines.joined(separator: "\n")
    }
}
