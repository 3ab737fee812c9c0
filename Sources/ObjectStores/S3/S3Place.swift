import Foundation
import Vocabulary

/// A bucket, and the part of it that is ours: `s3://bucket/prefix?endpoint=https://host:port&region=eu-central-1`.
package struct S3Place: Sendable, Hashable {
    package let bucket: String
    /// Empty, or ends with a slash.
    package let prefix: String
    /// Scheme, host and port. Addresses are path-style, `endpoint/bucket/key`, which every S3 understands.
    package let endpoint: String
    package let region: String

    /// - Throws: ``Refusal`` `objects` with what is wrong. Plain HTTP is refused unless the endpoint is this machine.
    package init(_ text: String) throws(Refusal) {
        func refusal(_ message: String) -> Refusal {
            .invalid("objects", "An object store is s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION. \(message)")
        }
        guard let url = URLComponents(string: text), url.scheme == "s3", url.user == nil, url.password == nil, url.port == nil,
            url.fragment == nil
        else {
            throw refusal("This is none.")
        }
        let bucket = url.host ?? ""
        guard (3...63).contains(bucket.utf8.count), Self.isName(bucket, also: ".-"), bucket.first != ".", bucket.first != "-" else {
            throw refusal("The bucket's name has 3 to 63 small letters, digits, dots and hyphens.")
        }
        let path = url.path.split(separator: "/", omittingEmptySubsequences: true).joined(separator: "/")
        guard path.isEmpty || (path.utf8.count <= 300 && ObjectKey(path) != nil) else {
            throw refusal("The prefix has letters, digits, '-', '_' and '.' between slashes.")
        }
        var (endpoint, region): (String?, String?)
        for item in url.queryItems ?? [] {
            switch item.name {
            case "endpoint" where endpoint == nil: endpoint = item.value ?? ""
            case "region" where region == nil: region = item.value ?? ""
            default: throw refusal("It takes 'endpoint' and 'region', once each, and not '\(item.name.prefix(40))'.")
            }
        }
        guard let region, (1...40).contains(region.utf8.count), Self.isName(region, also: "-") else {
            throw refusal("Its region is missing, such as region=eu-central-1.")
        }
        self.bucket = bucket
        self.region = region
        prefix = path.isEmpty ? "" : path + "/"
        if let endpoint {
            guard let checked = Self.checked(endpoint) else {
                throw refusal("The endpoint is https://HOST or https://HOST:PORT; http:// is for this machine only.")
            }
            self.endpoint = checked
        } else {
            self.endpoint = "https://s3.\(region).amazonaws.com"
        }
    }

    var isEncrypted: Bool { endpoint.hasPrefix("https://") }

    private static func checked(_ endpoint: String) -> String? {
        guard let url = URLComponents(string: endpoint), let scheme = url.scheme, let host = url.host, !host.isEmpty, url.user == nil,
            url.password == nil, url.path.isEmpty || url.path == "/", url.query == nil, url.fragment == nil
        else { return nil }
        guard scheme == "https" || (scheme == "http" && ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)) else { return nil }
        let isHost = host.utf8.allSatisfy { byte in
            (48...58).contains(byte) || (65...91).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 46 || byte == 93
        }
        guard isHost, (1...65_535).contains(url.port ?? 443) else { return nil }
        let bracketed = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        return "\(scheme)://\(bracketed)" + (url.port.map { ":\($0)" } ?? "")
    }

    private static func isName(_ text: String, also others: String) -> Bool {
        text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || others.utf8.contains($0) }
    }
}
