/// Who looks after a package, with people's names left out: a team keeps its name, a person becomes a number.
package struct Maintainer: Sendable, Hashable {
    package let name: String
    package let isTeam: Bool
    /// The host of its address, where at least five maintainers share it; a host of one's own would be a name.
    package let host: String?
}

package struct Maintainers: Sendable {
    /// By the `Maintainer` field as it stands in the list.
    package let byField: [String: Maintainer]
    package let all: [Maintainer]

    /// Numbers people in the order of their fields' hosts and appearance, so the same list gives the same numbers.
    package init(of records: [PackageRecord]) {
        var seen: Set<String> = []
        let fields = records.map(\.maintainer).filter { !$0.isEmpty && seen.insert($0).inserted }
        var hostCounts: [String: Int] = [:]
        for field in fields { hostCounts[Self.host(of: field), default: 0] += 1 }
        var byField: [String: Maintainer] = [:]
        var all: [Maintainer] = []
        var teams: [String: Maintainer] = [:]
        var people = 0
        for field in fields {
            let host = Self.host(of: field)
            let shared = hostCounts[host, default: 0] >= 5 ? host : nil
            let maintainer: Maintainer
            if let team = Self.team(in: field, host: host) {
                if let known = teams[team] {
                    byField[field] = known
                    continue
                }
                maintainer = Maintainer(name: team, isTeam: true, host: shared)
                teams[team] = maintainer
            } else {
                people += 1
                let number = String(people)
                maintainer = Maintainer(
                    name: "Individual " + String(repeating: "0", count: max(0, 4 - number.count)) + number, isTeam: false, host: shared)
            }
            byField[field] = maintainer
            all.append(maintainer)
        }
        self.byField = byField
        self.all = all
    }

    /// The name of a team; nil for a person. Both the address must be a list's and the name a group's, or it counts as a person.
    private static func team(in field: String, host: String) -> String? {
        let lists = ["lists.", "alioth-lists.", "tracker.debian.org", "packages.debian.org", "googlegroups.com"]
        guard lists.contains(where: { host.hasPrefix($0) }) else { return nil }
        let name = field.prefix { $0 != "<" }.split(separator: " ").joined(separator: " ").trimmingQuotes
        let words = name.lowercased()
        let groups = [
            "team", "group", "maintainers", "developers", "packagers", "packaging", "project", "packages", "task force", "debian", "ubuntu",
            "pkg-",
        ]
        return groups.contains { words.contains($0) } ? name : nil
    }

    private static func host(of field: String) -> String {
        guard let at = field.lastIndex(of: "@") else { return "" }
        return field[field.index(after: at)...].prefix { $0 != ">" && $0 != "," && $0 != " " }.lowercased()
    }
}

extension String {
    fileprivate var trimmingQuotes: String {
        var text = self[...]
        while let first = text.first, first == "\"" { text = text.dropFirst() }
        while let last = text.last, last == "\"" { text = text.dropLast() }
        return String(text)
    }
}
