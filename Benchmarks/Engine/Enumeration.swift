import Foundation
import Identity
import IdentityTesting
import Sealing
import Vocabulary

/// Whether the time of an answer tells that an account exists: 2,000 wrong passwords for one that does, and as many for names that don't, by turns.
///
/// A hash costs little here, so that it doesn't hide what is around it. One half is chance; two halves would be certainty.
func enumeration(count: Int = 2000) async throws {
    let house = try await Installation(hasher: PasswordHasher(waiting: 1000, cost: .init(iterations: 1, kibibytes: 1024)))
    let tenant = house.tenant()
    var inviter: Person?
    for number in 0..<count / 4 {
        let person = try await house.member("robin.\(1000 + number)@acme.example", of: tenant, inviter: inviter)
        inviter = inviter ?? person
    }

    func milliseconds(_ identifier: String, _ address: String) async -> Double {
        let start = ContinuousClock.now
        _ = try? await house.desk.signIn.password(
            identifier: identifier, password: Secret("not the right one"), by: Installation.visitor(from: address), agent: nil)
        return Double((ContinuousClock.now - start).microseconds) / 1000
    }

    var (known, unknown): ([Double], [Double]) = ([], [])
    for number in 0..<count {
        let address = "198.51.\(number / 250).\(number % 250 + 1)"
        // Four tries at each name, before anybody is slowed down. Names are of one length; who comes first takes turns, too.
        let (member, stranger) = ("robin.\(1000 + number / 4)@acme.example", "rabin.\(1000 + number / 4)@acme.example")
        if number.isMultiple(of: 2) { known.append(await milliseconds(member, address)) }
        unknown.append(await milliseconds(stranger, address))
        if !number.isMultiple(of: 2) { known.append(await milliseconds(member, address)) }
    }
    let chance = Double(wins(of: known, over: unknown)) / Double(2 * known.count * unknown.count)
    report(
        "an account told from none by the time of the answer", chance, "of pairs",
        String(
            format: "%d each: median %.3f ms with an account, %.3f ms without; 0.5 is chance", count, median(known), median(unknown)))
}

/// Mann and Whitney's U, doubled: two points for each pair in which the first one is larger, one where they are equal.
private func wins(of one: [Double], over other: [Double]) -> Int {
    let sorted = other.sorted()
    func rank(_ value: Double, orEqual: Bool) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value || (orEqual && sorted[middle] == value) { low = middle + 1 } else { high = middle }
        }
        return low
    }
    return one.reduce(0) { $0 + rank($1, orEqual: false) + rank($1, orEqual: true) }
}

private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
