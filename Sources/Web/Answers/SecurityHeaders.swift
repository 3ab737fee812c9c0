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

    /// What no answer may say otherwise; made once, because checking a field's text costs more than sending it.
    private static let always: [HTTPField] = [
        HTTPField(name: .strictTransportSecurity, value: strictTransport),
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .referrerPolicy, value: "same-origin"),
        HTTPField(name: .permissionsPolicy, value: permissions),
        HTTPField(name: .openerPolicy, value: "same-origin"),
        HTTPField(name: .resourcePolicy, value: "same-origin"),
    ]
    private static let closed = HTTPField(name: .contentSecurityPolicy, value: closedPolicy)
    private static let unstored = HTTPField(name: .cacheControl, value: "no-store")

    /// Adds what is missing. An answer that says nothing about caching is not stored anywhere.
    static func complete(_ headers: inout HTTPFields, requestID: String, date: String) {
        headers.reserveCapacity(headers.count + 10)
        for field in always {
            if headers.contains(field.name) { headers[field.name] = nil }
            headers.append(field)
        }
        if !headers.contains(.contentSecurityPolicy) { headers.append(closed) }
        if !headers.contains(.cacheControl) { headers.append(unstored) }
        if headers.contains(.server) { headers[.server] = nil }
        headers[.requestIdentifier] = requestID
        headers[.date] = date
    }
}
