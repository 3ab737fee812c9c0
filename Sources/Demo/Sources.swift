import Foundation

/// What this machine offers as demo data.
package struct Sources: Sendable {
    /// Every package that apt knows of; what is installed here where apt has no lists.
    package let packages: [PackageRecord]
    package let installed: [PackageRecord]
    package let codes: CountryCodes?

    package init(packages: [PackageRecord], installed: [PackageRecord], codes: CountryCodes?) {
        self.packages = packages
        self.installed = installed
        self.codes = codes
    }

    /// Reads them. Takes some seconds and blocks: call it off the event loops.
    package static func ofThisMachine() throws(DemoError) -> Sources {
        let status = FileManager.default.contents(atPath: "/var/lib/dpkg/status").map { PackageRecord.read([UInt8]($0)) } ?? []
        let installed = status.filter { $0.status?.hasSuffix(" installed") == true }
        let known = PackageRecord.read(availableToApt())
        let codes = CountryCodes()
        guard !(known.isEmpty && installed.isEmpty && codes == nil) else { throw DemoError.noSources }
        return Sources(packages: known.count > installed.count ? known : installed, installed: installed, codes: codes)
    }

    /// `apt-cache dumpavail` reads apt's lists however they are compressed. Empty without apt.
    private static func availableToApt() -> [UInt8] {
        let command = Process()
        command.executableURL = URL(filePath: "/usr/bin/apt-cache")
        command.arguments = ["dumpavail"]
        let output = Pipe()
        command.standardOutput = output
        command.standardError = FileHandle.nullDevice
        do {
            try command.run()
            let data = try output.fileHandleForReading.readToEnd() ?? Data()
            command.waitUntilExit()
            return command.terminationStatus == 0 ? [UInt8](data) : []
        } catch {
            return []
        }
    }
}
