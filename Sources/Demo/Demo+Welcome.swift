import Vocabulary

extension Demo {
    /// What the person at the terminal is told once the server listens: where to go and how to get in.
    ///
    /// `origin`: of a host's label, nil for the apex. The code changes twice a minute, so it is asked for when it is needed.
    package static func welcome(origin: (String?) -> String, at now: Instant) -> String {
        let shown = doors.filter { door in
            door.label == nil || door.role == "owner" || (door.label == "acme" && door.role == "reader" && door.person.roles.count == 1)
        }
        var lines = ["", "This is a demo. Its people are invented, its passwords are the same on every machine.", ""]
        for door in shown {
            lines.append("  \(door.place), as \(door.role): \(origin(door.label))/")
            lines.append("      address   \(door.person.identifier)")
            lines.append("      password  \(door.person.password)")
            lines.append("      code      \(door.person.code(at: now)) now; the next: holdfast demo code \(door.person.name)")
            lines.append("")
        }
        return lines.joined(separator: "\n")
    }
}
