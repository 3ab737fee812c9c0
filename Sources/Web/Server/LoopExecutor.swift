import NIOCore

/// Runs a connection's tasks on the connection's own event loop.
///
/// Bytes arrive and leave there: each change to another thread and back costs more than most requests do. What takes long is
/// handed on by those who do it, to the engine's readers and writers or the hasher's threads.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
