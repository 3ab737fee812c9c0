import Hummingbird
import Identity
import Vocabulary
import Web

/// The browser that somebody signs in with, and the token by which it is known again. One without a token gets one with the answer.
struct Browser: Sendable {
    let agent: UserAgent
    private let token: String

    init(_ request: Request, entropy: some Entropy) {
        token = HostCookie.device.value(in: request).flatMap { $0.utf8.count == 43 ? $0 : nil } ?? Token(entropy: entropy).text
        agent = UserAgent(request.headers[.userAgent], device: token)
    }

    /// Each sign-in makes the browser keep it for as long again.
    func remember(on response: inout Response) { HostCookie.device.set(token, on: &response, maxAge: Devices.life) }
}

extension Portal {
    func browser(_ request: Request) -> Browser { Browser(request, entropy: parts.desk.plane.entropy) }
}
