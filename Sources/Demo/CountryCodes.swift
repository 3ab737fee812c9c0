import Foundation

/// The lists of Debian's iso-codes: countries, their subdivisions, currencies and languages.
package struct CountryCodes: Sendable {
    package struct Country: Sendable, Hashable, Decodable {
        package let alpha_2: String
        package let alpha_3: String
        package let name: String
        package let numeric: String
        package let official_name: String?
        package let flag: String?
    }

    package struct Subdivision: Sendable, Hashable, Decodable {
        package let code: String
        package let name: String
        package let type: String
        package let parent: String?
        /// Of the country, alpha-2.
        package var country: String { String(code.prefix { $0 != "-" }) }
    }

    package struct Currency: Sendable, Hashable, Decodable {
        package let alpha_3: String
        package let name: String
        package let numeric: String
    }

    package struct Language: Sendable, Hashable, Decodable {
        package let alpha_3: String
        package let alpha_2: String?
        package let name: String
        package let scope: String
        package let type: String
    }

    package let countries: [Country]
    package let subdivisions: [Subdivision]
    package let currencies: [Currency]
    package let languages: [Language]

    /// Reads the package's folder, `/usr/share/iso-codes/json`. Nil where it is not installed.
    package init?(folder: String = "/usr/share/iso-codes/json") {
        func list<T: Decodable>(_ name: String, _ type: T.Type) -> [T]? {
            guard let data = FileManager.default.contents(atPath: "\(folder)/iso_\(name).json") else { return nil }
            return try? JSONDecoder().decode([String: [T]].self, from: data)[name]
        }
        guard let countries = list("3166-1", Country.self), let subdivisions = list("3166-2", Subdivision.self),
            let currencies = list("4217", Currency.self), let languages = list("639-3", Language.self)
        else { return nil }
        self.countries = countries.sorted { $0.alpha_2 < $1.alpha_2 }
        self.subdivisions = subdivisions.sorted { $0.code < $1.code }
        self.currencies = currencies.sorted { $0.alpha_3 < $1.alpha_3 }
        self.languages = languages.sorted { $0.alpha_3 < $1.alpha_3 }
    }
}
