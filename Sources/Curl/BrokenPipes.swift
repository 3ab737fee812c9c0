#if canImport(Glibc)
import Glibc
#endif

/// Connections that the other end closed.
package enum BrokenPipes {
    /// Writing to one is an error from now on; by itself it would end the whole process. Libraries leave that to the program that uses them.
    package static let areErrors: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
