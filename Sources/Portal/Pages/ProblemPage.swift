import Vocabulary

/// What went wrong, and the way on. Says nothing about the inside.
package struct ProblemPage: Page {
    package let template = "problem"
    package let title: String
    let status: Int
    let heading: String
    let message: String
    let links: [Link]
    let request: String?

    package init(status: Int, message: String? = nil, request: String? = nil, links: [Link]? = nil) {
        self.status = status
        let words = Self.words(for: status)
        heading = words.heading
        title = words.heading
        self.message = message ?? words.message
        self.request = request
        self.links = links ?? [status == 401 ? Link("Sign in", "/sign-in") : Link("Go to the start page", "/")]
    }

    /// The server runs, and its data is closed until the master key is there.
    package static func sealed(request: String?) -> ProblemPage {
        ProblemPage(
            status: 503,
            message:
                "The server was started without its master key, so nothing can be read or written. An operator has to unseal it. Your data is safe.",
            request: request, links: [])
    }

    private static func words(for status: Int) -> (heading: String, message: String) {
        switch status {
        case 400: ("That didn’t make sense to us", "The request was incomplete or damaged. Go back, reload the page and try again.")
        case 401: ("Please sign in", "This page needs to know who you are. Your session may have ended.")
        case 403: ("You may not do that", "Your roles don’t include this. An administrator can change that.")
        case 404: ("Nothing here", "There is no such page, or you may not see it.")
        case 409: ("Somebody was faster", "It changed while you were looking at it. Go back, reload, and decide again.")
        case 410: ("That link is used up", "It has expired, was used, or was withdrawn. Ask for a new one.")
        case 412: ("Somebody was faster", "It changed while you were looking at it. Go back, reload, and decide again.")
        case 413: ("That is too large", "The file or form is larger than this place accepts.")
        case 421: ("No such place", "No organisation lives at this address. Check the spelling of the host name.")
        case 429: ("Slow down a little", "There were too many tries in a short time. Wait a minute, then try again.")
        case 503: ("Closed for the moment", "We can’t serve this just now. Try again in a minute.")
        default:
            status < 500
                ? ("That didn’t work", "The request was refused. Go back and try again.")
                : ("Something broke on our side", "It has been noted. Your last change was either saved whole or not at all.")
        }
    }
}
