/// Paths that scanners ask every server for. None of them is one of ours.
package enum ScannersPath {
    private static let beginnings = [
        "/.env", "/.git", "/.svn", "/.hg", "/.aws", "/.ssh", "/.ds_store", "/.vscode", "/.htaccess", "/.htpasswd", "/wp-", "/wordpress",
        "/xmlrpc", "/phpmyadmin", "/pma/", "/myadmin", "/adminer", "/administrator", "/cgi-bin", "/vendor/phpunit", "/actuator",
        "/server-status", "/server-info", "/boaform", "/hnap1", "/solr/", "/jenkins", "/manager/html", "/_ignition", "/owa/",
        "/autodiscover", "/telescope", "/etc/passwd", "/config.json", "/id_rsa", "/druid", "/nacos", "/geoserver",
    ]
    private static let endings = [
        ".php", ".asp", ".aspx", ".jsp", ".jspx", ".cgi", ".cfm", ".bak", ".sql", ".old", ".swp", ".tar.gz", ".env", ".pem", ".key",
    ]
    /// What browsers, phones and well-meant robots ask for by themselves.
    private static let harmless = [
        "/favicon.ico", "/robots.txt", "/sitemap.xml", "/apple-touch-icon", "/.well-known/", "/ads.txt", "/browserconfig.xml",
    ]

    /// - Parameters:
    ///   - path: without the query.
    ///   - isSignedIn: of somebody with a session or token only the unmistakable ones match: a file may be called `notes.sql`.
    package static func matches(_ path: some StringProtocol, isSignedIn: Bool = false) -> Bool {
        guard path.utf8.count <= 2000 else { return false }
        let path = path.lowercased()
        if beginnings.contains(where: { path.hasPrefix($0) }) { return true }
        return !isSignedIn && (path.contains("/../") || endings.contains { path.hasSuffix($0) })
    }

    package static func isHarmless(_ path: some StringProtocol) -> Bool { harmless.contains { path.hasPrefix($0) } }
}
