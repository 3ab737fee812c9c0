import HTTPTypes
import Vocabulary

/// Whether a request may come from where the browser says it comes from.
///
/// Fetch Metadata first, since scripts can't forge it, then `Origin`; a request with a cookie that has neither comes from no
/// browser of the last years and is refused. Requests with a bearer token don't use cookies and aren't asked.
enum CrossSite {
    static func refusal(of head: HTTPRequest, origin: String) -> Refusal? {
        if let authorization = head.headerFields[.authorization], !authorization.isEmpty { return nil }
        switch head.method {
        case .get, .head, .options: return refusalOfReading(head)
        default: break
        }
        if let site = head.headerFields[.fetchSite] {
            return site == "same-origin" || site == "none" ? nil : foreign
        }
        if let claimed = head.headerFields[.origin] { return claimed == origin ? nil : foreign }
        return head.headerFields[.cookie] == nil ? nil : foreign
    }

    /// Other sites may lead a person here, but not embed or fetch what is here.
    private static func refusalOfReading(_ head: HTTPRequest) -> Refusal? {
        guard let site = head.headerFields[.fetchSite], site == "cross-site" || site == "same-site" else { return nil }
        guard let mode = head.headerFields[.fetchMode], mode != "navigate" else { return nil }
        return foreign
    }

    private static let foreign = Refusal.forbidden(
        "cross-site", "This request came from another site. Go back, reload the page and try again.")
}
