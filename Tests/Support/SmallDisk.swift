import Foundation

/// A file system of 64 KiB, for faults that a directory can't have. Needs root.
package final class SmallDisk {
    package let path: String
    package struct NotThere: Error {}

    private let home: TemporaryDirectory

    package static let isPossible: Bool = geteuid() == 0 && (try? SmallDisk()) != nil

    package init() throws {
        home = try TemporaryDirectory()
        path = home.path + "/disk"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Self.run("/usr/bin/mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", path)
    }

    package func remount(readOnly: Bool) throws { try Self.run("/usr/bin/mount", "-o", "remount,\(readOnly ? "ro" : "rw")", path) }

    package func fill() {
        let filler = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
        let block = [UInt8](repeating: 0, count: 4096)
        while write(filler, block, block.count) > 0 {}
        close(filler)
    }

    package func empty() { unlink(path + "/filler") }

    deinit { try? Self.run("/usr/bin/umount", "-l", path) }

    private static func run(_ program: String, _ arguments: String...) throws {
        let process = try ChildProcess(program, arguments)
        _ = process.readToEnd()
        guard process.wait() == .exited(0) else { throw NotThere() }
    }
}
