import Foundation
import Vocabulary

/// Which country an address is in, and how far apart two countries are at least. Made by `script/lib/locations`, which tells of the format and its sources.
///
/// A country is as precise as free tables are worth believing, and enough to see that somebody can't have travelled.
package struct Locations: Sendable {
    /// Two letters of ISO 3166-1.
    package typealias Country = String

    private struct Place {
        let latitude: Double
        let longitude: Double
        /// 99 of 100 inhabitants live this near to its middle.
        let radius: Double
    }

    private static let magic = Array("HFLOC1\0\0".utf8)
    private static let none: UInt8 = 255

    private let bytes: Data
    private let countries: [Country]
    private let places: [Country: Place]
    private let four: Table
    private let six: Table

    private struct Table {
        let starts: Int
        let width: Int
        let owners: Int
        let count: Int
    }

    /// Knows no place at all.
    package static let nowhere = Locations()

    private init() {
        (bytes, countries, places) = (Data(), [], [:])
        four = Table(starts: 0, width: 4, owners: 0, count: 0)
        six = Table(starts: 0, width: 8, owners: 0, count: 0)
    }

    /// Nil for a file that is none of ours, or cut.
    package init?(_ file: Data) {
        let bytes = file.startIndex == 0 ? file : Data(file)
        guard bytes.count >= 20, bytes.prefix(8).elementsEqual(Self.magic) else { return nil }
        let counts = [8, 12, 16].map { Int(bytes.number(at: $0, width: 4)) }
        guard counts.allSatisfy({ $0 <= 10_000_000 }), counts[0] < Int(Self.none) else { return nil }
        four = Table(starts: 20 + counts[0] * 8, width: 4, owners: 20 + counts[0] * 8 + counts[1] * 4, count: counts[1])
        let sixth = four.owners + four.count
        six = Table(starts: sixth, width: 8, owners: sixth + counts[2] * 8, count: counts[2])
        guard bytes.count == six.owners + six.count else { return nil }
        var countries: [Country] = []
        var places: [Country: Place] = [:]
        for index in 0..<counts[0] {
            let at = 20 + index * 8
            let code = String(decoding: bytes[at..<at + 2], as: UTF8.self)
            func signed(_ offset: Int) -> Double { Double(Int16(truncatingIfNeeded: bytes.number(at: at + offset, width: 2))) / 100 }
            countries.append(code)
            places[code] = Place(latitude: signed(2), longitude: signed(4), radius: Double(bytes.number(at: at + 6, width: 2)))
        }
        (self.bytes, self.countries, self.places) = (bytes, countries, places)
    }

    package var isEmpty: Bool { countries.isEmpty }

    /// Nil where nobody knows: private and unassigned addresses, and everything without a table.
    package func country(of address: NetworkAddress) -> Country? {
        if let four = address.ipv4 { return owner(of: UInt64(four), in: self.four) }
        return owner(of: address.upper, in: six)
    }

    /// Kilometres that somebody who went from one country to the other has travelled at least. 0 for neighbours; nil for places nobody knows.
    package func distance(from start: Country, to end: Country) -> Double? {
        guard let start = places[start], let end = places[end] else { return nil }
        return max(0, Self.greatCircle(start, end) - start.radius - end.radius)
    }

    /// An address each in two countries between which nobody gets within an hour: for trials. Nil without a table.
    package var farApart: (NetworkAddress, NetworkAddress)? {
        guard let (home, start) = first(where: { _ in true }),
            let (_, end) = first(where: { (distance(from: home, to: $0) ?? 0) > 2000 })
        else { return nil }
        return (start, end)
    }

    /// The first IPv4 range of a country that fits.
    private func first(where fits: (Country) -> Bool) -> (Country, NetworkAddress)? {
        for index in 0..<four.count {
            let owner = Int(bytes[four.owners + index])
            guard owner < countries.count, fits(countries[owner]) else { continue }
            let start = UInt32(truncatingIfNeeded: bytes.number(at: four.starts + index * 4, width: 4))
            let address = NetworkAddress(bytes: (0..<4).map { UInt8(truncatingIfNeeded: start >> (24 - 8 * $0)) })
            if let address { return (countries[owner], address) }
        }
        return nil
    }

    private func owner(of address: UInt64, in table: Table) -> Country? {
        var (low, high) = (0, table.count)
        while low < high {
            let middle = (low + high) / 2
            if bytes.number(at: table.starts + middle * table.width, width: table.width) <= address {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low > 0 else { return nil }
        let owner = bytes[table.owners + low - 1]
        return Int(owner) < countries.count ? countries[Int(owner)] : nil
    }

    /// The haversine formula, on a sphere.
    private static func greatCircle(_ a: Place, _ b: Place) -> Double {
        let (p, q) = (a.latitude * .pi / 180, b.latitude * .pi / 180)
        let (dp, dl) = (q - p, (b.longitude - a.longitude) * .pi / 180)
        let h = sin(dp / 2) * sin(dp / 2) + cos(p) * cos(q) * sin(dl / 2) * sin(dl / 2)
        return 2 * 6371 * asin(min(1, h.squareRoot()))
    }
}

extension Data {
    /// Big-endian; the caller has checked the bounds.
    fileprivate func number(at offset: Int, width: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in offset..<offset + width { number = number << 8 | UInt64(self[index]) }
        return number
    }
}
