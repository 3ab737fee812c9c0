import NIOCore
import NIOPosix

extension Turns {
    /// ``take(_:)``, on a thread that may wait.
    package func taking(_ name: String) async throws -> (any Turn)? {
        try await NIOSingletons.posixBlockingThreadPool.runIfActive { try self.take(name) }
    }

    /// Whether somebody has it now.
    package func isTaken(_ name: String) async throws -> Bool {
        try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            guard let turn = try self.take(name) else { return true }
            turn.giveBack()
            return false
        }
    }
}

extension Turn {
    package func holds() async -> Bool {
        await withCheckedContinuation { continuation in
            NIOSingletons.posixBlockingThreadPool.submit { _ in continuation.resume(returning: isHeld()) }
        }
    }

    package func givingBack() async {
        await withCheckedContinuation { continuation in
            NIOSingletons.posixBlockingThreadPool.submit { _ in
                giveBack()
                continuation.resume()
            }
        }
    }
}
