import Backup
import ObjectStores
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

extension Control {
    static let backupsSealed = automated(
        "BK-5", "Backups are sealed", "Y",
        "A backup can't be read without the customer's key, and restoring writes nothing in the clear.", BackupsSealed())
}

/// Reads pieces of bases, differentials and segments at every place. What is encrypted looks like chance: every byte comes as often as any other.
/// Text, records and SQLite's own pages don't.
struct BackupsSealed: Probe {
    /// In bytes, of each object.
    private static let piece = 64 << 10
    /// In bits for each byte. Chance gives 7.99 for a page; SQL and text less than 7.
    private static let least = 7.5

    func check(_ platform: Platform) async throws -> Evidence {
        if try await ClusterSample(platform) != nil {
            throw CannotProbe("on PostgreSQL backups are encrypted with the repository's passphrase, and not with each customer's key")
        }
        let sample = try await BackupSample(platform)
        var findings = Findings()
        sample.note(in: &findings)
        let (pieces, least) = try await Self.look(sample, &findings)
        findings.count("pieces_read", pieces)
        findings.facts["least_bits_a_byte"] = .number(least.map { ($0 * 100).rounded() / 100 } ?? 8)
        findings.expect(pieces > 0, "there was nothing to look at")
        return findings.evidence("\(pieces) pieces of backups look like chance: nothing in them can be read without a key.")
    }

    /// How many pieces were looked at, and the fewest bits for a byte in one of them.
    static func look(_ sample: BackupSample, _ findings: inout Findings) async throws -> (pieces: Int, least: Double?) {
        var (pieces, fewest) = (0, Double?.none)
        for kept in sample.kept {
            for generation in kept.catalogue.generations.suffix(1) {
                var objects: [(ObjectKey, UInt64)] = generation.bases.suffix(1).map { ($0.data, 0) }
                objects += generation.differentials.suffix(1).map { ($0.data, 0) }
                // Behind the headers, which say where an entry belongs and are no secret.
                objects += generation.segments.suffix(1).map { ($0.key, 232) }
                for (key, offset) in objects {
                    let bytes = try await kept.line.destination.store.piece(of: key, from: offset, count: piece, version: nil).bytes
                    guard bytes.count >= 4000 else { continue }
                    pieces += 1
                    let readable = Array("SQLite format 3\u{0}".utf8)
                    findings.expect(!bytes.starts(with: readable), "\(kept.label) has a readable database")
                    for page in stride(from: 0, to: bytes.count - 4000, by: 4096).map({ bytes[$0..<min(bytes.count, $0 + 4096)] }) {
                        let bits = entropy(page)
                        fewest = min(fewest ?? bits, bits)
                        if bits < least {
                            findings.expect(false, "\(kept.label) has pages that are not encrypted")
                            break
                        }
                    }
                }
            }
        }
        return (pieces, fewest)
    }

    /// Shannon's, in bits for each byte.
    private static func entropy(_ bytes: ArraySlice<UInt8>) -> Double {
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        let total = Double(bytes.count)
        return counts.reduce(0) { sum, count in count == 0 ? sum : sum - Double(count) / total * log2(Double(count) / total) }
    }
}
