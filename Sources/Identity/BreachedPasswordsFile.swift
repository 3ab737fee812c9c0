import Crypto
import Glibc
import Vocabulary

/// Makes the file that ``BreachedPasswords`` reads, from a list of SHA-1 digests in order, such as Have I Been Pwned publishes: `HASH:COUNT` a line.
package struct BreachedPasswordsFile: Sendable {
    package enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        case source(String)
        /// From 1.
        case line(Int, String)
        case target(String)
        case damaged

        package var description: String {
            switch self {
            case .source(let reason): "The list can't be read: \(reason)."
            case .line(let number, let reason): "Line \(number) \(reason)."
            case .target(let reason): "The file can't be written: \(reason)."
            case .damaged: "The file is not what was written. Make it again."
            }
        }
    }

    private static let piece = 1 << 20

    /// Reads `source` to its end. `target` appears whole, or not at all.
    /// - Parameter atLeast: digests that were seen more seldom are left out.
    /// - Returns: how many there are.
    package static func make(from source: Int32, at target: String, atLeast: Int) throws(Fault) -> Int {
        let passing = target + ".part"
        let descriptor = open(passing, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .target(String(cString: strerror(errno))) }
        var writer = Writer(descriptor)
        do throws(Fault) {
            try writer.write([UInt8](repeating: 0, count: BreachedPasswords.headerLength), counts: false)
            try lines(of: source) { number, line throws(Fault) in
                guard let entry = parse(line) else {
                    throw .line(number, "is no SHA-1 of 40 hexadecimal digits, a colon and a count")
                }
                guard entry.key >= writer.last else {
                    throw .line(number, "is not in order: take the list that is ordered by hash")
                }
                if entry.seen >= atLeast, writer.count == 0 || entry.key > writer.last { try writer.add(entry.key) }
            }
            try writer.finish()
            guard rename(passing, target) == 0 else { throw .target(String(cString: strerror(errno))) }
        } catch {
            close(descriptor)
            unlink(passing)
            throw error
        }
        close(descriptor)
        return writer.count
    }

    /// Whether the file is as it was written, from its first byte to its last.
    package static func check(_ path: String) throws -> Int {
        let list = try BreachedPasswords(path: path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault.source(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        let (header, length) = (BreachedPasswords.headerLength, list.count * BreachedPasswords.width)
        var hash = SHA256()
        for place in stride(from: 0, to: length, by: piece) {
            guard let bytes = BreachedPasswords.read(descriptor, min(piece, length - place), at: header + place) else {
                throw Fault.damaged
            }
            hash.update(data: bytes)
        }
        guard let start = BreachedPasswords.read(descriptor, header, at: 0),
            let end = BreachedPasswords.read(descriptor, BreachedPasswords.trailerLength, at: header + length)
        else { throw Fault.damaged }
        hash.update(data: start)
        guard Array(hash.finalize()) == end else { throw Fault.damaged }
        return list.count
    }

    private static func lines(of source: Int32, _ body: (Int, ArraySlice<UInt8>) throws(Fault) -> Void) throws(Fault) {
        var rest: [UInt8] = []
        var number = 0
        var buffer = [UInt8](repeating: 0, count: piece)
        while true {
            let got = buffer.withUnsafeMutableBytes { Glibc.read(source, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .source(String(cString: strerror(errno))) }
            if got == 0 { break }
            rest += buffer[..<got]
            var start = 0
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                number += 1
                try body(number, rest[start..<end])
                start = end + 1
            }
            rest.removeFirst(start)
            guard rest.count < 4096 else { throw .line(number + 1, "is too long") }
        }
        if !rest.isEmpty { try body(number + 1, rest[...]) }
    }

    private static func parse(_ line: ArraySlice<UInt8>) -> (key: UInt64, seen: Int)? {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard line.count >= 42, line[line.startIndex + 40] == UInt8(ascii: ":") else { return nil }
        var key: UInt64 = 0
        for (place, byte) in line.prefix(40).enumerated() {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if place < 16 { key = key << 4 | UInt64(digit) }
        }
        var seen = 0
        for byte in line.dropFirst(41) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), seen < 1 << 50 else { return nil }
            seen = seen * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return (key, seen)
    }

    private struct Writer {
        private let descriptor: Int32
        private var buffer: [UInt8] = []
        private var hash = SHA256()
        private(set) var count = 0
        private(set) var last: UInt64 = 0

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        mutating func add(_ key: UInt64) throws(Fault) {
            for shift in stride(from: 56, through: 0, by: -8) { buffer.append(UInt8(truncatingIfNeeded: key >> UInt64(shift))) }
            (last, count) = (key, count + 1)
            if buffer.count >= piece { try flush() }
        }

        mutating func finish() throws(Fault) {
            try flush()
            let header = BreachedPasswords.magic + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
            hash.update(data: header)
            try write(Array(hash.finalize()), counts: false)
            let written = header.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
            guard written == header.count, fsync(descriptor) == 0 else { throw .target(String(cString: strerror(errno))) }
        }

        private mutating func flush() throws(Fault) {
            try write(buffer, counts: true)
            buffer.removeAll(keepingCapacity: true)
        }

        mutating func write(_ bytes: [UInt8], counts: Bool) throws(Fault) {
            if counts { hash.update(data: bytes) }
            var done = 0
            while done < bytes.count {
                let wrote = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done) }
                if wrote < 0, errno == EINTR { continue }
                guard wrote > 0 else { throw .target(String(cString: strerror(errno))) }
                done += wrote
            }
        }
    }
}
