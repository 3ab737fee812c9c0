// Wiring: one installation, put together.
//
// It promises that every component gets the same clock, keys and databases, and that what the executable, the demo and the
// tests run is the same thing. It refuses to decide anything: no rule of a domain, no route and no page lives here.
