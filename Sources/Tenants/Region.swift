import Vocabulary

/// Where a tenant's data lies. It never leaves its region but for the paired one.
package struct Region: Sendable, Hashable {
    /// Such as `eu-west`: stored with the tenant, part of the API.
    package typealias Name = String

    package let name: Name
    package let title: String
    /// Where copies go; under the same law.
    package let pair: Name

    package init?(named name: Name) {
        guard let region = Self.all.first(where: { $0.name == name }) else { return nil }
        self = region
    }

    private init(_ name: Name, _ title: String, pair: Name) {
        self.name = name
        self.title = title
        self.pair = pair
    }

    package static let all = [
        Region("eu-west", "Europe West", pair: "eu-north"),
        Region("eu-north", "Europe North", pair: "eu-west"),
        Region("uk-south", "United Kingdom South", pair: "uk-west"),
        Region("uk-west", "United Kingdom West", pair: "uk-south"),
        Region("us-east", "United States East", pair: "us-west"),
        Region("us-west", "United States West", pair: "us-east"),
        Region("ap-southeast", "Australia South-East", pair: "ap-east"),
        Region("ap-east", "Australia East", pair: "ap-southeast"),
    ]

    static let unknown = Refusal.invalid(
        "region-unknown", "Choose one of the regions: \(all.map(\.name).joined(separator: ", ")).", field: "region")
}
