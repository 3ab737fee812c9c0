// Web: everything between a socket and a route.
//
// It promises that a route is reached only by a complete, bounded request for a host we serve, with its
// visitor known and its origin checked; that every answer carries the security headers and a request id;
// that no client can hold a connection by being slow; and that what is refused is refused in RFC 9457 words
// or as a page. It refuses to know what the routes do, what a page looks like, and anything about records.
//
// One request: listener (TLS, `ConnectionGuard`) → `RequestGuard` (heads, limits, bodies) → `Front` (host,
// health, seal, origin, visitor) → route → `Front` (problem, headers, log line).
