import Records
import Vocabulary

/// One of the demo's customers, and what it keeps.
struct DemoTenant: Sendable {
    let slug: String
    let name: String
    let edition: String
    let region: String
    /// Beside production.
    let furtherEnvironments: [String]
    let tables: [DemoTable]

    /// Three editions, three sizes: a whole distribution's software, the world's codes, and one machine.
    static func all(from sources: Sources) -> [DemoTenant] {
        let maintainers = Maintainers(of: sources.packages)
        return [
            DemoTenant(
                slug: "acme", name: "Acme Distribution (demo)", edition: "enterprise", region: "eu-west", furtherEnvironments: ["sandbox"],
                tables: [
                    .sections(of: sources.packages), .maintainers(maintainers), .software(sources.packages, maintainers),
                ].filter { !$0.records.isEmpty }),
            DemoTenant(
                slug: "meridian", name: "Meridian Trading (demo)", edition: "standard", region: "uk-south", furtherEnvironments: [],
                tables: sources.codes.map { [.countries($0), .subdivisions($0), .currencies($0), .languages($0)] } ?? []),
            DemoTenant(
                slug: "harbour", name: "Harbour Works (demo)", edition: "team", region: "eu-north", furtherEnvironments: [],
                tables: [.installed(sources.installed)].filter { !$0.records.isEmpty }),
        ]
    }
}

/// One collection with its records, ready to be imported.
struct DemoTable: Sendable {
    /// A field that names a record of an earlier table by that one's title.
    struct Reference: Sendable {
        let field: String
        let label: String
        let table: String
    }

    let slug: String
    let name: String
    let singular: String
    let description: String
    let title: String
    let fields: [FieldDraft]
    var references: [Reference] = []
    /// References hold titles here; the fill puts identifiers in their place.
    let records: [[String: JSONValue]]
}

extension DemoTable {
    static func sections(of packages: [PackageRecord]) -> DemoTable {
        var sizes: [String: (count: Int64, bytes: Int64)] = [:]
        for package in packages where !package.section.isEmpty {
            sizes[package.section, default: (0, 0)].count += 1
            sizes[package.section, default: (0, 0)].bytes += package.downloadSize ?? 0
        }
        return DemoTable(
            slug: "sections", name: "Sections", singular: "section", description: "Debian's sections, with what is in them.", title: "name",
            fields: [
                FieldDraft(key: "name", label: "Name", type: .text, required: true, unique: true, indexed: true),
                FieldDraft(key: "packages", label: "Packages", type: .number, indexed: true),
                FieldDraft(key: "megabytes", label: "Megabytes", type: .number),
            ],
            records: sizes.keys.sorted().map { name in
                [
                    "name": .string(name), "packages": .integer(sizes[name]?.count ?? 0),
                    "megabytes": .integer((sizes[name]?.bytes ?? 0) / 1_000_000),
                ]
            })
    }

    static func maintainers(_ maintainers: Maintainers) -> DemoTable {
        DemoTable(
            slug: "maintainers", name: "Maintainers", singular: "maintainer",
            description: "Who looks after packages. Teams by name; people appear as numbers, since their names are nobody's demo data.",
            title: "name",
            fields: [
                FieldDraft(key: "name", label: "Name", type: .text, required: true, unique: true, indexed: true),
                FieldDraft(key: "kind", label: "Kind", type: .choice(["team", "individual"]), required: true, indexed: true),
                FieldDraft(key: "host", label: "Mail host", type: .text, indexed: true),
            ],
            records: maintainers.all.map { maintainer in
                var record: [String: JSONValue] = ["name": .string(maintainer.name), "kind": maintainer.isTeam ? "team" : "individual"]
                if let host = maintainer.host { record["host"] = .string(host) }
                return record
            })
    }

    static func software(_ packages: [PackageRecord], _ maintainers: Maintainers) -> DemoTable {
        DemoTable(
            slug: "software", name: "Software", singular: "package", description: "Every Debian package that apt on this machine knows of.",
            title: "name",
            fields: [
                FieldDraft(key: "name", label: "Name", type: .text, required: true, unique: true, indexed: true),
                FieldDraft(key: "version", label: "Version", type: .text, required: true),
                FieldDraft(key: "summary", label: "Summary", type: .text),
                FieldDraft(key: "priority", label: "Priority", type: .choice(["required", "important", "standard", "optional", "extra"])),
                FieldDraft(key: "architecture", label: "Architecture", type: .text),
                FieldDraft(key: "source", label: "Source package", type: .text),
                FieldDraft(key: "installed_kib", label: "Installed size (KiB)", type: .number, indexed: true),
                FieldDraft(key: "download_bytes", label: "Download (bytes)", type: .number),
                FieldDraft(key: "homepage", label: "Homepage", type: .text),
                FieldDraft(key: "essential", label: "Essential", type: .boolean),
            ],
            references: [
                Reference(field: "section", label: "Section", table: "sections"),
                Reference(field: "maintainer", label: "Maintainer", table: "maintainers"),
            ],
            records: packages.map { package in
                var record = described(package)
                if !package.section.isEmpty { record["section"] = .string(package.section) }
                if let maintainer = maintainers.byField[package.maintainer] { record["maintainer"] = .string(maintainer.name) }
                return record
            })
    }

    static func installed(_ packages: [PackageRecord]) -> DemoTable {
        DemoTable(
            slug: "software", name: "Installed software", singular: "package", description: "What is installed on this machine.",
            title: "name",
            fields: [
                FieldDraft(key: "name", label: "Name", type: .text, required: true, unique: true, indexed: true),
                FieldDraft(key: "version", label: "Version", type: .text, required: true),
                FieldDraft(key: "summary", label: "Summary", type: .text),
                FieldDraft(key: "section", label: "Section", type: .text, indexed: true),
                FieldDraft(key: "priority", label: "Priority", type: .choice(["required", "important", "standard", "optional", "extra"])),
                FieldDraft(key: "architecture", label: "Architecture", type: .text),
                FieldDraft(key: "source", label: "Source package", type: .text),
                FieldDraft(key: "installed_kib", label: "Installed size (KiB)", type: .number, indexed: true),
                FieldDraft(key: "homepage", label: "Homepage", type: .text),
                FieldDraft(key: "essential", label: "Essential", type: .boolean),
            ],
            records: packages.map { package in
                var record = described(package)
                record["download_bytes"] = nil
                if !package.section.isEmpty { record["section"] = .string(package.section) }
                return record
            })
    }

    private static func described(_ package: PackageRecord) -> [String: JSONValue] {
        var record: [String: JSONValue] = [
            "name": .string(package.name), "version": .string(package.version), "essential": .bool(package.essential),
        ]
        if !package.summary.isEmpty { record["summary"] = .string(String(package.summary.prefix(1000))) }
        if ["required", "important", "standard", "optional", "extra"].contains(package.priority) {
            record["priority"] = .string(package.priority)
        }
        if !package.architecture.isEmpty { record["architecture"] = .string(package.architecture) }
        record["source"] = .string(package.source ?? package.name)
        if let homepage = package.homepage { record["homepage"] = .string(homepage) }
        if let size = package.installedSize { record["installed_kib"] = .integer(size) }
        if let size = package.downloadSize { record["download_bytes"] = .integer(size) }
        return record
    }
}
