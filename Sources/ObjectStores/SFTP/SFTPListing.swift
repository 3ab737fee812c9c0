/// A page of names below a directory, in the order of their bytes, as S3 has them: a directory counts with the slash at its end.
struct SFTPListing {
    let connection: SFTPConnection
    let root: String
    let prefix: String
    let after: String?
    let limit: Int
    private var found: [ObjectSummary] = []

    init(connection: SFTPConnection, root: String, prefix: String, after: String?, limit: Int) {
        self.connection = connection
        self.root = root
        self.prefix = prefix
        self.after = after
        self.limit = limit
    }

    mutating func page() throws -> ObjectPage {
        // Nothing outside the prefix's own directory can match.
        let start = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
        do { try walk(start) } catch ObjectFault.missing {
            // The place itself must be there.
            guard try connection.status(root).isFolder else { throw ObjectFault.placeMissing }
        }
        let goesOn = found.count > limit
        let objects = Array(found.prefix(limit))
        return ObjectPage(objects: objects, next: goesOn ? objects.last?.key.description : nil)
    }

    /// - Parameter folder: empty, or ends with a slash.
    private mutating func walk(_ folder: String) throws {
        let path = folder.isEmpty ? root : "\(root)/\(folder.dropLast())"
        let items = try connection.items(in: path).map { item in (name: folder + item.name + (item.status.isFolder ? "/" : ""), item: item)
        }
        for (name, item) in items.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            guard found.count <= limit else { return }
            if item.status.isFolder {
                let isWithin = name.hasPrefix(prefix) || prefix.hasPrefix(name)
                // All in it came before the marker, unless the marker lies in it.
                let isOver = after.map { !$0.hasPrefix(name) && name.utf8.lexicographicallyPrecedes($0.utf8) } ?? false
                if isWithin, !isOver, !item.name.hasPrefix(".") {
                    // Gone meanwhile.
                    do { try walk(name) } catch ObjectFault.missing {}
                }
            } else if name.hasPrefix(prefix), after.map({ $0.utf8.lexicographicallyPrecedes(name.utf8) }) ?? true, let key = ObjectKey(name)
            {
                found.append(ObjectSummary(key: key, size: item.status.size))
            }
        }
    }
}
