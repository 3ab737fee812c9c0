import CPortalFiles
import Mustache
import Vocabulary

/// All templates, parsed once, and the way from a page to its HTML.
package struct Templates: Sendable {
    private let library: MustacheLibrary

    /// Reads the templates that are built into the executable.
    package init() throws {
        try self.init(texts: PortalFiles.templates)
    }

    /// `texts`: template name to its Mustache text.
    package init(texts: [String: String]) throws {
        MustacheContentTypes.register(ByteEscaping(), named: ByteEscaping.name)
        var library = MustacheLibrary()
        for (name, text) in texts {
            // Indentation is for whoever reads the template; without it pages are a fifth smaller, and the
            // library's re-indenting of nested templates can't reach into a text area.
            let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
            try library.register("{{% CONTENT_TYPE: \(ByteEscaping.name)}}\(lines.joined(separator: "\n"))", named: name)
        }
        for (name, markup) in Icon.markup {
            try library.register(markup, named: "icon/\(name)")
        }
        self.library = library
    }

    package func html(_ page: some Page, in frame: Frame) throws -> String {
        var frame = frame
        frame.title = page.title
        frame.crumbs = page.crumbs
        frame.isRefreshed = page.refreshes
        guard let html = library.render(Looked.both(frame, page), withTemplate: page.template) else {
            throw Refusal(.unavailable(retryAfter: .seconds(60)), "no-such-page", "This page can't be shown.")
        }
        return html
    }
}

/// One page's content, as plain values that a template renders.
package protocol Page: Sendable {
    var template: String { get }
    var title: String { get }
    var crumbs: [Link] { get }
    /// Whether the page asks to be fetched again every few seconds where script is off: long work.
    var refreshes: Bool { get }
}

extension Page {
    package var crumbs: [Link] { [] }
    package var refreshes: Bool { false }
}
