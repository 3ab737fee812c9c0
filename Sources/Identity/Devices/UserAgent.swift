import Vocabulary

/// What somebody signs in with, as far as it says so itself, and the device that it is known as.
///
/// The header can say anything and proves nothing; the device's token is 256 random bits that only this browser has.
package struct UserAgent: Sendable, Hashable {
    /// The header `User-Agent` (RFC 9110 section 10.1.5), cut.
    package let text: String?
    /// Of the token that the browser keeps. Nil for programs, which keep none.
    package let device: TokenDigest?

    /// `device`: the token in the browser's cookie; anything that can't be one is none.
    package init(_ text: String?, device: String? = nil) {
        self.text = text.map { String($0.prefix(200)) }
        self.device = device.flatMap { $0.utf8.count == 43 ? TokenDigest(of: $0) : nil }
    }
}

extension UserAgent: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}

/// A browser and a system by the names they go by, out of closed lists: coarse, and safe to show anywhere.
package struct DevicePlatform: Sendable, Hashable {
    package let browser: String?
    package let system: String?

    package init(browser: String?, system: String?) { (self.browser, self.system) = (browser, system) }

    package init(agent: String?) {
        let agent = agent ?? ""
        browser = Self.browsers.first { agent.contains($0.0) }?.1
        system = Self.systems.first { agent.contains($0.0) }?.1
    }

    /// `Firefox on Linux`.
    package var name: String {
        switch (browser, system) {
        case (let browser?, let system?): "\(browser) on \(system)"
        case (let browser?, nil): browser
        case (nil, let system?): "A browser on \(system)"
        case (nil, nil): "Unknown browser"
        }
    }

    // Each pretends to be those below it.
    private static let browsers = [
        ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
        ("Safari/", "Safari"), ("curl/", "curl"),
    ]
    private static let systems = [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"), ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]
}

/// Roughly where somebody is: enough to tell two places apart, too little to find a person.
package enum Neighbourhood {
    /// The /24 around an IPv4 address, the /48 around an IPv6 one: `192.0.2.0/24`. Nil for what is no address.
    package static func of(_ address: String?) -> String? {
        guard let address = address.flatMap(NetworkAddress.init) else { return nil }
        return AddressRange(address, bits: address.isIPv4 ? 96 + 24 : 48).description
    }
}
