import Foundation

/// What Package.swift says of each target: its place in the pile, and what it may import.
struct Layers {
    /// From the bottom upwards.
    let order: [String]
    let declared: [String: Set<String>]

    /// Modules of the toolchain, free for all.
    static let toolchain: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization", "Dispatch", "RegexBuilder",
    ]

    /// Modules with one owner each: everybody else asks the owner.
    static let owners: [String: Set<String>] = [
        "GRDB": ["StorageSQLite"],
        "CSQLiteCipher": ["StorageSQLite"],
        "CSodium": ["Sealing"],
        "CGFShare": ["Sealing"],
        "CCurl": ["Alarms", "Curl", "Mail", "ObjectStores"],
        "CPostgres": ["StoragePostgres"],
        "CSSH": ["ObjectStores"],
        "CQREncode": ["Identity"],
        "Mustache": ["Portal"],
    ]

    /// Reads the manifest's text. Its targets are one line each, or a block that ends with `swiftSettings`.
    init(manifest: String) {
        var products: [String: String] = [:]
        for match in manifest.matches(of: /let (\w+): Target\.Dependency = \.product\(name: "(\w+)"/) {
            products[String(match.1)] = String(match.2)
        }
        var order: [String] = []
        var declared: [String: Set<String>] = [:]
        func note(_ name: Substring, _ dependencies: Substring) {
            var modules = Set(dependencies.matches(of: /\.product\(name: "(\w+)"/).map { String($0.1) })
            let rest = dependencies.replacing(/\.product\([^)]*\)/, with: "")
            modules.formUnion(rest.matches(of: /"(\w+)"/).map { String($0.1) })
            modules.formUnion(rest.replacing(/"\w+"/, with: "").matches(of: /\w+/).compactMap { products[String($0.0)] })
            order.append(String(name))
            declared[String(name)] = modules
        }
        for match in manifest.matches(
            of:
                /\.systemLibrary\(name: "(\w+)"|\.target\(name: "(C\w+)"|layer\("(\w+)", \[((?:[^\]]|\n)*?)\](?:\)|, resources|, exclude)|\.executableTarget\(\s*name: "(\w+)",\s*dependencies: \[((?:[^\]]|\n)*?)\]/
        ) {
            if let name = match.1 ?? match.2 { note(name, "") }
            if let name = match.3, let dependencies = match.4 { note(name, dependencies) }
            if let name = match.5, let dependencies = match.6 { note(name, dependencies) }
        }
        self.order = order
        self.declared = declared
    }

    /// What is wrong with the imports of one file, in words.
    func problems(of file: SourceFile) -> [String] {
        guard let place = order.firstIndex(of: file.target) else { return [] }
        return file.imports.compactMap { module in
            if Self.toolchain.contains(module) { return nil }
            if let owners = Self.owners[module], !owners.contains(file.target) {
                return "\(file.path): only \(owners.sorted().joined(separator: ", ")) may import \(module)"
            }
            guard declared[file.target]?.contains(module) == true else {
                return "\(file.path): imports \(module), which Package.swift does not declare for \(file.target)"
            }
            if let other = order.firstIndex(of: module), other >= place {
                return "\(file.path): imports \(module), which does not stand below \(file.target)"
            }
            return nil
        }
    }
}
