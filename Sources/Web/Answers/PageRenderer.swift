import Hummingbird

/// Draws the pages that `Web` itself has to show. The portal brings its own; `PlainPages` is what there is without it.
package protocol PageRenderer: Sendable {
    /// The answer to a browser for a problem. It may also lead elsewhere, such as to the sign-in page for a 401.
    /// Nil falls back to a plain page. Security headers are added afterwards.
    func page(for problem: Problem, in context: HoldfastContext) async throws -> Response?
}

/// Pages that need nothing beside themselves, for when nothing may be fetched or read: unknown hosts, a sealed server. They look like the
/// portal's own, and their policy lets their one style in and nothing else.
package struct PlainPages: PageRenderer {
    package init() {}

    package func page(for problem: Problem, in context: HoldfastContext) async throws -> Response? {
        Self.page(for: problem, requestID: context.requestID, nonce: context.nonce)
    }

    /// - Parameter nonce: fresh for this answer.
    package static func page(for problem: Problem, requestID: RequestIdentifier, nonce: String) -> Response {
        let (heading, text) = words(for: problem)
        let html = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(escape(heading))</title>
            <link rel="icon" href="data:,">
            <style nonce="\(nonce)">\(style)</style>
            </head>
            <body>
            <main>
            <p class="mark"><svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true"><path d="\(mark)"/></svg>Holdfast</p>
            <div>
            <p class="code" aria-hidden="true">\(problem.status.code)</p>
            <h1>\(escape(heading))</h1>
            <p>\(escape(text))</p>
            <p class="request">Request <code>\(requestID)</code> — quote it if you ask for help.</p>
            </div>
            </main>
            </body>
            </html>
            """
        let policy =
            "default-src 'none'; style-src 'nonce-\(nonce)'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        return Response.html(html, status: problem.status, headers: [.contentSecurityPolicy: policy])
    }

    private static func words(for problem: Problem) -> (heading: String, text: String) {
        switch problem.code {
        case "sealed":
            (
                "Closed and sealed",
                "The server was started without its master key, so nothing can be read or written. An operator has to unseal it. The data is safe."
            )
        case "unknown-host":
            ("No such place", "This server doesn't serve that name. Check the spelling of the address.")
        default: (problem.title, problem.detail)
        }
    }

    private static let mark = "M12 2.5v19M12 9c0 5.5-3 9-8 11M12 9c0 5.5 3 9 8 11M12 6c-1-2-2.5-3-4.5-3.5M12 6c1-2 2.5-3 4.5-3.5"

    /// The portal's colours and measures, as far as one card needs them.
    private static let style = """
        :root{color-scheme:light dark}
        *{box-sizing:border-box;margin:0}
        body{min-height:100dvh;background:light-dark(#fbfbf9,#121312);color:light-dark(#1b1b19,#ededea);font:400 15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Cantarell,"Liberation Sans",sans-serif}
        main{display:grid;gap:1.5rem;max-width:36rem;margin:0 auto;padding:clamp(2rem,9vh,6rem) 1rem 2.25rem}
        main>div{padding:clamp(1.4rem,5vw,2.25rem);background:light-dark(#fff,#191a19);border:1px solid light-dark(#e5e4df,#2c2e2c);border-radius:12px}
        .mark{display:flex;align-items:center;gap:.6rem;font-weight:640}
        svg{fill:none;stroke:light-dark(#11598a,#8cc4ee);stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
        .code{font-size:3rem;line-height:1;font-weight:650;letter-spacing:-.04em;color:light-dark(#706f69,#91918b);margin-bottom:.75rem}
        h1{font-size:1.4rem;line-height:1.2;font-weight:640;letter-spacing:-.018em}
        h1+p{margin-top:.4rem;color:light-dark(#5d5c57,#aaaaa4)}
        .request{margin-top:1.5rem;font-size:.867rem;color:light-dark(#706f69,#91918b)}
        code{font-family:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
        """

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
