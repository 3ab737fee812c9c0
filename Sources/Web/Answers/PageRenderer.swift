import Hummingbird

/// Draws the pages that `Web` itself has to show. The portal brings its own; `PlainPages` is what there is without it.
package protocol PageRenderer: Sendable {
    /// The answer to a browser for a problem. It may also lead elsewhere, such as to the sign-in page for a 401.
    /// Nil falls back to a plain page. Security headers are added afterwards.
    func page(for problem: Problem, in context: HoldfastContext) async throws -> Response?
}

/// Pages without style, for when nothing better can be drawn: unknown hosts, a sealed server.
package struct PlainPages: PageRenderer {
    package init() {}

    package func page(for problem: Problem, in context: HoldfastContext) async throws -> Response? {
        Self.page(for: problem, requestID: context.requestID)
    }

    package static func page(for problem: Problem, requestID: RequestIdentifier) -> Response {
        let html = """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(escape(problem.title))</title>
            <h1>\(escape(problem.title))</h1>
            <p>\(escape(problem.detail))</p>
            <p><small>Request \(requestID)</small></p>
            </html>
            """
        return Response.html(html, status: problem.status)
    }

    /// Text fit for HTML content and quoted attributes.
    package static func escape(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count + 16)
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
