import Vocabulary

/// Addresses as somebody pasted them, or as a table program wrote them: line by line, with what is wrong with each.
///
/// Without a head, each line holds one or several addresses, between commas, semicolons or tabs, as `ann@example.com` or
/// `Ann Archer <ann@example.com>`, and may name roles for them. With a head (`name,email,role`) the columns say what they hold, and the
/// others are left alone.
package struct InvitationList: Sendable {
    package struct Line: Sendable {
        /// In the text, from 1.
        package let number: Int
        /// As it was typed.
        package let address: String
        package let roles: [String]
        let refusal: Refusal?
    }

    package struct Outcome: Sendable {
        package let line: Line
        package let invitation: Invitation?
        package let refusal: Refusal?
    }

    package static let longest = 500

    package let lines: [Line]

    /// `roles`: every role that may be named, by name and label in lower case, with its name.
    /// - Throws: `too-many-addresses`, `no-addresses`.
    package init(_ text: String, roles: [String: String]) throws {
        var lines: [Line] = []
        var seen: Set<String> = []
        var head: Head?
        var isFirst = true
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let cells = Self.cells(of: raw)
            guard cells.contains(where: { !$0.isEmpty }) else { continue }
            if isFirst {
                isFirst = false
                head = Head(cells)
                if head != nil { continue }
            }
            let found = head.map { $0.read(cells) } ?? Self.read(cells, roles)
            var named: [String] = []
            var refusal: Refusal?
            for word in found.words {
                if let role = roles[word.lowercased()] {
                    named.append(role)
                } else {
                    refusal = .invalid("unknown-role", "“\(word.prefix(60))” is neither an address nor a role.", field: "roles")
                }
            }
            let addresses = found.addresses.isEmpty ? [cells.first { !$0.isEmpty } ?? ""] : found.addresses
            for address in addresses {
                var problem = refusal
                if let identifier = Text.identifier(address) {
                    if !seen.insert(identifier).inserted {
                        problem = .conflict("twice", "This address stands in the list twice.", field: "address")
                    }
                } else if problem == nil {
                    problem = Accounts.wrongIdentifier
                }
                lines.append(Line(number: index + 1, address: String(address.prefix(254)), roles: named, refusal: problem))
            }
            guard lines.count <= Self.longest else {
                throw Refusal.invalid(
                    "too-many-addresses", "These are more than \(Self.longest) addresses. Take several lists.", field: "addresses")
            }
        }
        guard !lines.isEmpty else { throw Refusal.invalid("no-addresses", "Give at least one address.", field: "addresses") }
        self.lines = lines
    }

    private struct Found {
        var addresses: [String] = []
        var words: [String] = []
    }

    /// What the columns hold.
    private struct Head {
        let address: Int
        let role: Int?

        init?(_ cells: [String]) {
            let names = cells.map { $0.lowercased() }
            guard !cells.contains(where: { $0.contains("@") }),
                let address = names.firstIndex(where: {
                    ["email", "e-mail", "mail", "address", "e-mail address", "email address"].contains($0)
                })
            else { return nil }
            self.address = address
            role = names.firstIndex { ["role", "roles"].contains($0) }
        }

        func read(_ cells: [String]) -> Found {
            let words = role.flatMap { cells.indices.contains($0) ? cells[$0] : nil }?.split(whereSeparator: { ";|".contains($0) }) ?? []
            return Found(
                addresses: cells.indices.contains(address) ? [InvitationList.bare(cells[address])] : [],
                words: words.map { $0.trimmed }.filter { !$0.isEmpty })
        }
    }

    private static func read(_ cells: [String], _ roles: [String: String]) -> Found {
        var found = Found()
        for cell in cells where !cell.isEmpty {
            if cell.contains("@") || cell.contains("＠") { found.addresses.append(bare(cell)) } else { found.words.append(cell) }
        }
        return found
    }

    /// `ann@example.com` of `Ann Archer <ann@example.com>`.
    private static func bare(_ cell: String) -> String {
        guard cell.hasSuffix(">"), let open = cell.lastIndex(of: "<") else { return cell }
        return String(cell[cell.index(after: open)...].dropLast())
    }

    /// Between commas, semicolons and tabs outside of quotation marks; without them and without space around.
    private static func cells(of line: Substring) -> [String] {
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        for character in line.prefix(4000) {
            switch character {
            case "\"": isQuoted.toggle()
            case ",", ";", "\t":
                // A list of roles in one column of a table is written with semicolons, between quotation marks.
                if isQuoted {
                    cell.append(character)
                } else {
                    cells.append(cell.trimmed)
                    cell = ""
                }
            case "\u{FEFF}": break
            default: cell.append(character)
            }
        }
        return cells + [cell.trimmed]
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(self[first...last])
    }
}
