#if canImport(Glibc)
import Glibc
#endif

/// One Debian package, as its index describes it.
package struct PackageRecord: Sendable, Hashable {
    package var name = ""
    package var version = ""
    package var source: String?
    package var summary = ""
    package var section = ""
    package var priority = ""
    package var architecture = ""
    package var homepage: String?
    package var maintainer = ""
    /// KiB, when unpacked.
    package var installedSize: Int64?
    /// Bytes of the archive.
    package var downloadSize: Int64?
    package var essential = false
    /// `install ok installed`; only in the list of what is installed here.
    package var status: String?
}

extension PackageRecord {
    /// Reads a list of packages (deb822: `apt-cache dumpavail`, `/var/lib/dpkg/status`). The first of several with one name counts.
    ///
    /// Lines are split by `memchr` and only the wanted ones become strings: the list has a million lines.
    package static func read(_ bytes: [UInt8]) -> [PackageRecord] {
        var records: [PackageRecord] = []
        var names: Set<String> = []
        var record = PackageRecord()
        func finish() {
            if !record.name.isEmpty, !record.version.isEmpty, names.insert(record.name).inserted { records.append(record) }
            record = PackageRecord()
        }
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            var start = 0
            while start < buffer.count {
                let end = memchr(base + start, 0x0A, buffer.count - start).map { UnsafeRawPointer($0) - base } ?? buffer.count
                if end == start {
                    finish()
                } else if let field = Wanted(line: UnsafeRawBufferPointer(start: base + start, count: end - start)) {
                    record.take(field)
                }
                start = end + 1
            }
        }
        finish()
        return records.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private mutating func take(_ field: Wanted) {
        let value = field.value
        switch field.name {
        case "Package": name = value
        case "Version": version = value
        case "Source": source = value.split(separator: " ").first.map(String.init)
        case "Description", "Description-en": if summary.isEmpty { summary = value }
        case "Section": section = value.split(separator: "/").last.map(String.init) ?? value
        case "Priority": priority = value
        case "Architecture": architecture = value
        case "Homepage": homepage = value
        case "Maintainer": maintainer = value
        case "Installed-Size": installedSize = Int64(value)
        case "Size": downloadSize = Int64(value)
        case "Essential": essential = value == "yes"
        case "Status": status = value
        default: break
        }
    }
}

/// A line of the index that says something we keep.
private struct Wanted {
    let name: String
    let value: String

    init?(line: UnsafeRawBufferPointer) {
        // First letters of the names that are kept; the many others (Depends, SHA256, Tag, continuation lines) go at once.
        switch line[0] {
        case UInt8(ascii: "P"), UInt8(ascii: "V"), UInt8(ascii: "S"), UInt8(ascii: "D"), UInt8(ascii: "A"), UInt8(ascii: "H"),
            UInt8(ascii: "M"),
            UInt8(ascii: "I"), UInt8(ascii: "E"):
            break
        default: return nil
        }
        guard let base = line.baseAddress, let found = memchr(base, 0x3A, min(line.count, 20)) else { return nil }
        let colon = UnsafeRawPointer(found) - base
        let name = String(decoding: UnsafeRawBufferPointer(rebasing: line[..<colon]), as: UTF8.self)
        guard Self.names.contains(name) else { return nil }
        self.name = name
        var from = colon + 1
        while from < line.count, line[from] == 0x20 { from += 1 }
        value = String(decoding: UnsafeRawBufferPointer(rebasing: line[from...]), as: UTF8.self)
    }

    private static let names: Set<String> = [
        "Package", "Version", "Source", "Description", "Description-en", "Section", "Priority", "Architecture", "Homepage", "Maintainer",
        "Installed-Size", "Size", "Essential", "Status",
    ]
}
