import Hummingbird
import Sealing
import Vocabulary

/// A sentence that is shown once, on the page that a redirect leads to.
package struct Notice: Sendable, Equatable {
    package enum Tone: String, Sendable { case done, warning, problem }

    package let tone: Tone
    package let text: String
    /// A local path that takes it back when it is posted to.
    package let undo: String?

    package init(_ tone: Tone = .done, _ text: String, undo: String? = nil) { (self.tone, self.text, self.undo) = (tone, text, undo) }
}

/// Carries a ``Notice`` over a redirect in a short-lived sealed cookie, so that nobody else can put words on our pages.
package struct Flash: Sendable {
    private static let life = Duration.seconds(120)
    private let sealer: @Sendable () throws -> Sealer

    /// `sealer` has the control plane's `browserState` subkey.
    package init(sealer: @escaping @Sendable () throws -> Sealer) { self.sealer = sealer }

    package func set(_ notice: Notice, on response: inout Response, in context: HoldfastContext) throws {
        let content = JSONValue.object([
            "tone": .string(notice.tone.rawValue), "text": .string(String(notice.text.prefix(600))),
            "at": .integer(context.arrivedAt.seconds), "undo": notice.undo.map { .string($0) } ?? .null,
        ])
        let sealed = try sealer().seal(Secret(content.bytes), context: sealing(context))
        HostCookie.flash.set(Base64URL.encode(sealed), on: &response, maxAge: Self.life, sameSite: .strict)
    }

    /// The notice that came with a request, if it is fresh; clears it on the answer.
    package func take(from request: Request, clearingOn response: inout Response, in context: HoldfastContext) -> Notice? {
        guard let value = HostCookie.flash.value(in: request) else { return nil }
        HostCookie.flash.clear(on: &response)
        return read(value, context)
    }

    /// As ``take(from:clearingOn:in:)`` for a page that is drawn before its answer exists; clear the cookie with ``clear(on:)``.
    package func peek(at request: Request, in context: HoldfastContext) -> Notice? {
        HostCookie.flash.value(in: request).flatMap { read($0, context) }
    }

    package func clear(on response: inout Response) { HostCookie.flash.clear(on: &response) }

    private func read(_ value: String, _ context: HoldfastContext) -> Notice? {
        guard let sealed = Base64URL.decode(value), let opened = try? sealer().open(sealed, context: sealing(context)) else { return nil }
        guard let content = opened.withBytes({ try? JSONReader.read($0) }), let text = content["text"]?.string,
            let tone = content["tone"]?.string.flatMap(Notice.Tone.init), let at = content["at"]?.integer
        else { return nil }
        let age = context.arrivedAt - Instant(seconds: at)
        return age < Self.life && age > .zero - .seconds(5) ? Notice(tone, text, undo: content["undo"]?.string) : nil
    }

    private func sealing(_ context: HoldfastContext) -> SealingContext {
        SealingContext(.control, object: "flash/\(context.origin)")
    }
}
