import CPostgres
import Glibc
import Vocabulary

extension Session {
    /// Waits for a notification of a channel that it listens to. Nothing else may be under way.
    func hearsNotification(within limit: Duration) throws -> Bool {
        let end = ContinuousClock.now + limit
        while true {
            var hasHeard = false
            while let notification = PQnotifies(connection) {
                PQfreemem(notification)
                hasHeard = true
            }
            if hasHeard { return true }
            let rest = (end - ContinuousClock.now).microseconds / 1000
            guard rest > 0 else { return false }
            var waiting = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, Int32(clamping: rest))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return false }
            guard PQconsumeInput(connection) == 1 else { throw lost() }
        }
    }
}
