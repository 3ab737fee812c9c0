import CCurl
import Curl
import Synchronization
import Vocabulary

/// One signed request and its answer. Blocks.
struct S3Exchange: Sendable {
    /// The exchange was not completed.
    enum Failure: Error, Equatable {
        /// It may have been carried out all the same.
        case passing(String)
        case lasting(ObjectFault)
    }

    let settings: S3Store.Settings
    let lines: S3Lines

    func run(_ request: S3Request, within limit: Duration) throws(Failure) -> S3Answer {
        guard let line = lines.take() else { throw .passing("libcurl could not start") }
        let transfer = line.transfer
        transfer.reset()
        defer { lines.give(line) }
        transfer.set(CURLOPT_URL, request.url(settings.place))
        transfer.set(CURLOPT_PROTOCOLS_STR, settings.place.isEncrypted ? "https" : "http")
        transfer.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        transfer.set(CURLOPT_PATH_AS_IS, 1)
        transfer.set(CURLOPT_MAXCONNECTS, 1)
        transfer.limit(connecting: settings.connecting, whole: limit)
        // A byte a second for so long is silence.
        transfer.set(CURLOPT_LOW_SPEED_LIMIT, 1)
        transfer.set(CURLOPT_LOW_SPEED_TIME, max(1, Int(settings.silence.components.seconds)))
        if let authorities = settings.authorities { transfer.set(CURLOPT_CAINFO, authorities) }
        transfer.set(CURLOPT_AWS_SIGV4, "aws:amz:\(settings.place.region):s3")
        transfer.set(CURLOPT_USERNAME, settings.accessKey)
        transfer.set(CURLOPT_PASSWORD, settings.secretKey)
        transfer.set(CURLOPT_HTTPHEADER, request.lines)
        transfer.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        if request.method == .head { transfer.set(CURLOPT_NOBODY, 1) }
        transfer.receive(atMost: request.answerAtMost)
        guard transfer.settingsWereTaken else { throw .lasting(.settings(reason: "libcurl refused a setting")) }
        let code = transfer.perform(body: request.body)
        guard code == CURLE_OK else { throw failure(code) }
        return S3Answer(
            status: transfer.status, body: transfer.received, etag: transfer.header("etag"),
            contentRange: transfer.header("content-range"), contentLength: transfer.header("content-length").flatMap { UInt64($0) },
            checksum: transfer.header("x-amz-checksum-sha256"))
    }

    private func failure(_ code: CURLcode) -> Failure {
        switch code {
        case CURLE_PEER_FAILED_VERIFICATION: .lasting(.settings(reason: "its certificate is not trusted"))
        case CURLE_SSL_CACERT_BADFILE: .lasting(.settings(reason: "the file with its authorities can't be read"))
        case CURLE_OUT_OF_MEMORY: .lasting(.overloaded)
        case CURLE_WRITE_ERROR: .lasting(.corrupt(reason: "it answered more than was asked for"))
        case CURLE_OPERATION_TIMEDOUT: .passing("no answer in time")
        case CURLE_PARTIAL_FILE: .passing("the answer was cut off")
        default: .passing(Transfer.reason(code))
        }
    }
}

/// Transfers with their open connections, as many as there are threads.
final class S3Lines: Sendable {
    /// Handed from one thread to the next, never used by two.
    struct Line: @unchecked Sendable {
        let transfer: Transfer
    }

    private let idle = Mutex<[Line]>([])

    func take() -> Line? { idle.withLock { $0.popLast() } ?? Transfer().map(Line.init) }
    func give(_ line: Line) { idle.withLock { $0.append(line) } }
}
