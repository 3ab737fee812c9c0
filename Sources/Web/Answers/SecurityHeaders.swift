import HTTPTypes
import Hummingbird

/// The headers that every answer carries (OWASP Secure Headers; ASVS 5.0 V3.4).
package enum SecurityHeaders {
    /// For everything that is no page: nothing may run, load or frame it.
    package static let closedPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

    /// For pages. Forms may also post to the apex, because signing in and out leads there and back:
    /// browsers apply `form-action` to redirects that follow a form, too.
    package static func pagePolicy(nonce: String, apexOrigin: String) -> String {
        "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'self' 'nonce-\(nonce)'; img-src 'self' data:; font-src 'self'; "
            + "connect-src 'self'; manifest-src 'self'; form-action 'self' \(apexOrigin); frame-ancestors 'none'; base-uri 'none'"
    }

    private static let permissions =
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
        + "midi=(), payment=(), usb=(), browsing-topics=(), publickey-credentials-create=(self), publickey-credentials-get=(self)"

    /// Two years, as the preload list asks.
    private static let strictTransport = "max-age=63072000; includeSubDomains"

    /// Adds what is missing. An answer that says nothing about caching is not stored anywhere.
    static func complete(_ headers: inout HTTPFields, requestID: RequestIdentifier) {
        headers.reserveCapacity(headers.count + 10)
        headers[.strictTransportSecurity] = strictTransport
        headers[.xContentTypeOptions] = "nosniff"
        headers[.requestIdentifier] = requestID.description
        headers[.referrerPolicy] = "same-origin"
        headers[.permissionsPolicy] = permissions
        headers[.openerPolicy] = "same-origin"
        headers[.resourcePolicy] = "same-origin"
        if headers[.contentSecurityPolicy] == nil { headers[.contentSecurityPolicy] = closedPolicy }
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        headers[.server] = nil
    }
}
