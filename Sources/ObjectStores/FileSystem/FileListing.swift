#if canImport(Glibc)
import Glibc
#endif

/// One page of a directory tree, in the order in which S3 lists: by the bytes of whole keys.
struct FileListing {
    struct Name {
        let name: String
        let isFolder: Bool

        /// A folder sorts as its objects' keys do, with the slash.
        var sortingName: String { isFolder ? name + "/" : name }
    }

    private let root: String
    private let prefix: String
    private let marker: String?
    private let limit: Int
    private var found: [ObjectSummary] = []

    init(root: String, prefix: String, after marker: String?, limit: Int) {
        self.root = root
        self.prefix = prefix
        self.marker = marker
        self.limit = limit
    }

    mutating func page() throws -> ObjectPage {
        try FileFault.expectPlace(root)
        try walk("")
        guard found.count > limit else { return ObjectPage(objects: found, next: nil) }
        found.removeLast()
        return ObjectPage(objects: found, next: found.last?.key.description)
    }

    /// Stops at one object more than the page holds: that one says that there is another page.
    private mutating func walk(_ folder: String) throws {
        let names = try Self.names(in: "\(root)/\(folder)").sorted {
            $0.sortingName.utf8.lexicographicallyPrecedes($1.sortingName.utf8)
        }
        for name in names where found.count <= limit {
            let key = folder + name.sortingName
            if name.isFolder {
                // Only folders that can hold keys with the prefix, and none that lies wholly before the marker.
                guard key.hasPrefix(prefix) || prefix.hasPrefix(key) else { continue }
                if let marker, !marker.hasPrefix(key), key.utf8.lexicographicallyPrecedes(marker.utf8) { continue }
                try walk(key)
            } else if key.hasPrefix(prefix), let key = ObjectKey(key) {
                if let marker, !marker.utf8.lexicographicallyPrecedes(key.description.utf8) { continue }
                var status = stat()
                guard lstat("\(root)/\(key)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
                found.append(ObjectSummary(key: key, size: UInt64(status.st_size)))
            }
        }
    }

    /// What lies in a folder, hidden names and links aside. A folder that is gone by now holds nothing.
    static func names(in path: String) throws -> [Name] {
        guard let folder = opendir(path) else {
            guard errno == ENOENT else { throw FileFault.of(errno) }
            return []
        }
        defer { closedir(folder) }
        var names: [Name] = []
        errno = 0
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if !name.hasPrefix(".") {
                var type = Int32(entry.pointee.d_type)
                if type == 0 {
                    // Some file systems don't tell the kind with the name.
                    var status = stat()
                    if lstat("\(path)/\(name)", &status) == 0 { type = status.st_mode & S_IFMT == S_IFDIR ? 4 : 8 }
                }
                names.append(Name(name: name, isFolder: type == 4))
            }
            errno = 0
        }
        guard errno == 0 else { throw FileFault.of(errno) }
        return names
    }
}
