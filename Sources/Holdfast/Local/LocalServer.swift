import AsyncHTTPClient
import Foundation
import Glibc
import NIOCore

/// The running server, reached through the Unix socket in its data directory.
struct LocalServer {
    static let socketName = "holdfast.sock"

    let socket: String

    init(data: String) {
        socket = URL(fileURLWithPath: data).appendingPathComponent(Self.socketName).path
    }

    /// Sends one command and returns its JSON answer. A problem becomes a ``CommandFailure`` with its detail.
    func ask(_ method: String, _ path: String, _ body: [String: Any]? = nil) async throws -> Any {
        let payload = try body.map { try JSONSerialization.data(withJSONObject: $0) }
        let bytes = try await exchange(method, path, payload.map { .bytes($0) }) { answer in
            var collected = Data()
            for try await part in answer { collected.append(contentsOf: part.readableBytesView) }
            return collected
        }
        guard !bytes.isEmpty else { return [String: Any]() }
        return try JSONSerialization.jsonObject(with: bytes, options: [.fragmentsAllowed])
    }

    /// Sends one command and takes its answer line by line, each as it comes.
    func follow(_ method: String, _ path: String, _ body: [String: Any], _ take: ([String: Any]) throws -> Void) async throws {
        let payload = try JSONSerialization.data(withJSONObject: body)
        try await exchange(method, path, .bytes(payload)) { answer in
            var rest = Data()
            for try await part in answer {
                rest.append(contentsOf: part.readableBytesView)
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    if let line = try JSONSerialization.jsonObject(with: rest[..<end]) as? [String: Any] { try take(line) }
                    rest = Data(rest[rest.index(after: end)...])
                }
            }
        }
    }

    /// Streams a file to the server.
    func upload(_ path: String, from file: String) async throws -> Any {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw CommandFailure(message: "The file \(file) can't be read. Check its name and your permission.", isUsage: true)
        }
        let chunks = AsyncThrowingStream<ByteBuffer, any Error> {
            guard let data = try handle.read(upToCount: 256 * 1024), !data.isEmpty else { return nil }
            return ByteBuffer(bytes: data)
        }
        let bytes = try await exchange("POST", path, .stream(chunks, length: .unknown)) { answer in
            var collected = Data()
            for try await part in answer { collected.append(contentsOf: part.readableBytesView) }
            return collected
        }
        return try JSONSerialization.jsonObject(with: bytes, options: [.fragmentsAllowed])
    }

    /// Sends one command and streams its answer into `sink`.
    func download(_ method: String, _ path: String, _ body: Data, into sink: FileHandle) async throws {
        try await exchange(method, path, .bytes(body)) { answer in
            for try await part in answer { try sink.write(contentsOf: Data(part.readableBytesView)) }
        }
    }

    /// Streams an answer into `sink`.
    func download(_ path: String, into sink: FileHandle) async throws {
        try await exchange("GET", path, nil) { answer in
            for try await part in answer { try sink.write(contentsOf: Data(part.readableBytesView)) }
        }
    }

    /// Sees that somebody answers, before a command waits for as long as its work may take.
    private func meet() async throws {
        var request = HTTPClientRequest(url: try address(uri: "/health/ready"))
        request.headers.add(name: "host", value: "localhost")
        let (status, answer): (Int, Data)
        do {
            let response = try await Self.client.execute(request, timeout: Self.patience)
            (status, answer) = (Int(response.status.code), Data(try await response.body.collect(upTo: 1 << 16).readableBytesView))
        } catch let error as IOError where error.errnoCode == ECONNREFUSED {
            throw CommandFailure(
                message:
                    "No server is running on this data directory: the one that made \(socket) is gone. Start one with: holdfast serve --data DIR"
            )
        } catch let error as IOError where error.errnoCode == EACCES {
            throw CommandFailure(message: "You may not use \(socket): it is for the user who runs the server.")
        } catch {
            throw silent
        }
        guard status == 503 else { return }
        let reasons = (try? JSONSerialization.jsonObject(with: answer) as? [String: Any])?["reasons"] as? [[String: Any]]
        let words = (reasons ?? []).compactMap { $0["message"] as? String }.joined(separator: " ")
        throw CommandFailure(message: "The server is not ready. \(words)")
    }

    private func address(uri: String) throws -> String {
        guard FileManager.default.fileExists(atPath: socket), let url = URL(httpURLWithSocketPath: socket, uri: uri) else {
            throw CommandFailure(
                message: "No server is running on this data directory (there is no \(socket)). Start one with: holdfast serve --data DIR")
        }
        return url.absoluteString
    }

    private var silent: CommandFailure {
        CommandFailure(message: "The server on \(socket) doesn't answer. Its process stands still, or has more to do than it can.")
    }

    /// How long a server may take to say that it is there.
    private static let patience = TimeAmount.seconds(5)

    /// A server on this machine is there or it isn't: nothing gets better by connecting again.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private func exchange<T>(
        _ method: String, _ path: String, _ body: HTTPClientRequest.Body?, _ read: (HTTPClientResponse.Body) async throws -> T
    ) async throws -> T {
        try await meet()
        var request = HTTPClientRequest(url: try address(uri: path))
        request.method = .RAW(value: method)
        request.headers.add(name: "host", value: "localhost")
        request.headers.add(name: "content-type", value: "application/json")
        request.body = body
        let response: HTTPClientResponse
        do {
            response = try await Self.client.execute(request, timeout: .hours(24))
        } catch {
            throw silent
        }
        guard (200..<300).contains(response.status.code) else {
            var collected = Data()
            for try await part in response.body where collected.count < 1 << 20 { collected.append(contentsOf: part.readableBytesView) }
            let problem = try? JSONSerialization.jsonObject(with: collected) as? [String: Any]
            let detail = problem?["detail"] as? String ?? problem?["title"] as? String ?? "The server answered \(response.status.code)."
            let fields = (problem?["errors"] as? [[String: Any]] ?? []).compactMap { error -> String? in
                guard let field = error["field"] as? String, let message = error["message"] as? String, message != detail else {
                    return nil
                }
                return "  \(field): \(message)"
            }
            let isUsage = [400, 404, 409, 413, 415, 422].contains(Int(response.status.code))
            throw CommandFailure(message: ([detail] + fields).joined(separator: "\n"), isUsage: isUsage)
        }
        return try await read(response.body)
    }
}
