import Foundation
import Identity
import Vocabulary

/// A table of a few countries, each with one /8 of IPv4 and one /24 of IPv6: 10 is Germany, 11 France, 12 …
package enum SmallWorld {
    /// With latitude, longitude and radius.
    private static let places: [(String, Double, Double, Int)] = [
        ("DE", 51.3, 9.6, 430), ("FR", 47.3, 2.9, 572), ("GB", 52.5, -1.3, 481), ("PL", 52.1, 19.4, 380), ("ES", 40.3, -3.6, 700),
        ("US", 38.8, -93.5, 2581), ("BR", -20.0, -46.0, 2100), ("SG", 1.3, 103.9, 40), ("NG", 8.0, 6.0, 600), ("AU", -34.0, 145.1, 2760),
    ]

    package static var countries: [String] { places.map(\.0) }

    /// An address in a country, different for each `number`: the /24 is `number`'s upper bits, the host its lower eight.
    package static func address(in country: String, _ number: Int) -> String {
        let index = countries.firstIndex(of: country).map { 10 + $0 } ?? 250
        return "\(index).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
    }

    package static let file: Data = {
        var bytes = Array("HFLOC1\0\0".utf8)
        func put(_ number: Int, _ width: Int) {
            for shift in (0..<width).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
        }
        put(places.count, 4)
        put(places.count + 2, 4)
        put(places.count + 2, 4)
        for (code, latitude, longitude, radius) in places {
            bytes += Array(code.utf8)
            put(Int((latitude * 100).rounded()), 2)
            put(Int((longitude * 100).rounded()), 2)
            put(radius, 2)
        }
        // Nothing before them and nothing after.
        let owners = [UInt8(255)] + (0..<UInt8(places.count)) + [UInt8(255)]
        put(0, 4)
        for index in 0...places.count { put((10 + index) << 24, 4) }
        bytes += owners
        put(0, 8)
        for index in 0...places.count { put((0x2A10 + index) << 48, 8) }
        bytes += owners
        return Data(bytes)
    }()

    package static func locations() throws -> Locations {
        guard let locations = Locations(file) else { throw Installation.Missing(what: "locations") }
        return locations
    }
}
