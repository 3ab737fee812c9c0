import Foundation
import Vocabulary

/// The pieces of the log that a repository has, as `repo-ls --recurse --output=json` lists them.
struct LogPieces {
    /// By the history of the cluster (`15-1`) and timeline, in order.
    private var pieces: [String: [UInt64]] = [:]

    /// PostgreSQL's usual size of a piece, in bytes. Only the last 8 digits of a name depend on it.
    private static let perHigh: UInt64 = 256

    /// - Throws: ``PgBackRestFault`` `.unreadable`.
    init(_ text: String) throws {
        guard let listed = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw PgBackRestFault.unreadable("repo-ls listed no files")
        }
        for path in listed.keys {
            let parts = path.split(separator: "/")
            guard parts.count == 3, let name = parts.last?.prefix(24), LogPlace.timeline(ofSegment: name) != nil,
                // `000000010000000000000003.00000028.backup` says of a piece, and is none.
                parts[2].utf8.count == 24 || parts[2].dropFirst(24).first == "-",
                let high = UInt64(name.dropFirst(8).prefix(8), radix: 16), let low = UInt64(name.suffix(8), radix: 16)
            else { continue }
            pieces["\(parts[0]) timeline \(UInt32(name.prefix(8), radix: 16) ?? 0)", default: []].append(high * Self.perHigh + low)
        }
    }

    func gaps() -> [String] {
        pieces.sorted { $0.key < $1.key }.flatMap { log, numbers in
            let sorted = Set(numbers).sorted()
            return zip(sorted, sorted.dropFirst()).compactMap { one, next in
                next == one + 1 ? nil : "\(next - one - 1) pieces of the log are missing after \(Self.name(one)) (\(log))"
            }
        }
    }

    /// Without the timeline.
    private static func name(_ number: UInt64) -> String {
        func digits(_ number: UInt64) -> String {
            let text = String(number, radix: 16, uppercase: true)
            return String(repeating: "0", count: 8 - min(8, text.count)) + text
        }
        return digits(number / perHigh) + digits(number % perHigh)
    }
}
