import Records
import Vocabulary

extension DemoTable {
    static func countries(_ codes: CountryCodes) -> DemoTable {
        DemoTable(
            slug: "countries", name: "Countries", singular: "country", description: "ISO 3166-1, from Debian's iso-codes.", title: "name",
            fields: [
                FieldDraft(key: "name", label: "Name", type: .text, required: true, unique: true, indexed: true),
                FieldDraft(key: "code", label: "Code", type: .text, required: true, unique: true, indexed: true),
                FieldDraft(key: "code3", label: "Three-letter code", type: .text, unique: true, indexed: true),
                FieldDraft(key: "number", label: "Number", type: .text),
                FieldDraft(key: "official_name", label: "Official name", type: .text),
                FieldDraft(key: "flag", label: "Flag", type: .text),
            ],
            records: codes.countries.map { country in
                var record: [String: JSONValue] = [
                    "name": .string(country.name), "code": .string(country.alpha_2), "code3": .string(country.alpha_3),
                    "number": .string(country.numeric),
                ]
                if let name = country.official_name { record["official_name"] = .string(name) }
                if let flag = country.flag { record["flag"] = .string(flag) }
                return record
            })
    }

    static func subdivisions(_ codes: CountryCodes) -> DemoTable {
        let names = Dictionary(codes.countries.map { ($0.alpha_2, $0.name) }, uniquingKeysWith: { first, _ in first })
        return DemoTable(
            slug: "subdivisions", name: "Subdivisions", singular: "subdivision",
            description: "Provinces, states and districts: ISO 3166-2, from Debian's iso-codes.", title: "name",
            fields: [
                FieldDraft(key: "code", label: "Code", type: .text, required: true, unique: true, indexed: true),
                FieldDraft(key: "name", label: "Name", type: .text, required: true, indexed: true),
                FieldDraft(key: "kind", label: "Kind", type: .text, indexed: true),
                FieldDraft(key: "parent", label: "Part of", type: .text),
            ],
            references: [Reference(field: "country", label: "Country", table: "countries")],
            records: codes.subdivisions.map { subdivision in
                var record: [String: JSONValue] = [
                    "code": .string(subdivision.code), "name": .string(subdivision.name), "kind": .string(subdivision.type),
                ]
                if let country = names[subdivision.country] { record["country"] = .string(country) }
                if let parent = subdivision.parent { record["parent"] = .string(parent) }
                return record
            })
    }

    static func currencies(_ codes: CountryCodes) -> DemoTable {
        DemoTable(
            slug: "currencies", name: "Currencies", singular: "currency", description: "ISO 4217, from Debian's iso-codes.", title: "name",
            fields: [
                FieldDraft(key: "code", label: "Code", type: .text, required: true, unique: true, indexed: true),
                FieldDraft(key: "name", label: "Name", type: .text, required: true, indexed: true),
                FieldDraft(key: "number", label: "Number", type: .text),
            ],
            records: codes.currencies.map { currency in
                ["code": .string(currency.alpha_3), "name": .string(currency.name), "number": .string(currency.numeric)]
            })
    }

    static func languages(_ codes: CountryCodes) -> DemoTable {
        let scopes = ["I": "individual", "M": "macrolanguage", "S": "special"]
        let types = ["A": "ancient", "C": "constructed", "E": "extinct", "H": "historical", "L": "living", "S": "special"]
        return DemoTable(
            slug: "languages", name: "Languages", singular: "language", description: "ISO 639-3, from Debian's iso-codes.", title: "name",
            fields: [
                FieldDraft(key: "code", label: "Code", type: .text, required: true, unique: true, indexed: true),
                FieldDraft(key: "name", label: "Name", type: .text, required: true, indexed: true),
                FieldDraft(key: "code2", label: "Two-letter code", type: .text),
                FieldDraft(key: "scope", label: "Scope", type: .choice(scopes.values.sorted()), indexed: true),
                FieldDraft(key: "state", label: "State", type: .choice(types.values.sorted()), indexed: true),
            ],
            records: codes.languages.map { language in
                var record: [String: JSONValue] = ["code": .string(language.alpha_3), "name": .string(language.name)]
                if let code = language.alpha_2 { record["code2"] = .string(code) }
                if let scope = scopes[language.scope] { record["scope"] = .string(scope) }
                if let type = types[language.type] { record["state"] = .string(type) }
                return record
            })
    }
}
