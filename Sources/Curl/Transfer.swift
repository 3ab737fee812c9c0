import CCurl
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// One exchange at a time with another machine, through libcurl. Blocks, and belongs to one thread at a time.
///
/// Used again after ``reset()`` it keeps its connection open. What is always so: TLS 1.2 or better, a verified certificate of the
/// right name, no proxy, no signals.
package final class Transfer {
    /// libcurl asks to be set up once, before threads use it.
    private static let isReady: Bool = {
        BrokenPipes.areErrors
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }()

    private let handle: UnsafeMutableRawPointer
    private var isTaken = true
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var upload: Upload?
    private var download: Download?

    /// Nil where libcurl can't start, which means that memory is short.
    package init?() {
        guard Self.isReady, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        setBasics()
    }

    deinit {
        curl_easy_cleanup(handle)
        freeLists()
    }

    /// Forgets every setting and keeps the connection.
    package func reset() {
        curl_easy_reset(handle)
        freeLists()
        (upload, download, isTaken) = (nil, nil, true)
        setBasics()
    }

    private func setBasics() {
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
    }

    // MARK: Settings

    package func set(_ option: CURLoption, _ text: String) { note(text.withCString { holdfast_curl_set_pointer(handle, option, $0) }) }

    package func set(_ option: CURLoption, _ number: Int) { note(holdfast_curl_set_long(handle, option, number)) }

    package func set(_ option: CURLoption, _ secret: Secret) {
        note(
            secret.withBytes { bytes in
                var text = bytes.map { CChar(bitPattern: $0) } + [0]
                defer { text.withUnsafeMutableBytes { bytes in if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) } } }
                return holdfast_curl_set_pointer(handle, option, text)
            })
    }

    package func set(_ option: CURLoption, _ lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                return note(CURLE_OUT_OF_MEMORY)
            }
            list = longer
        }
        if let list { lists.append(list) }
        note(holdfast_curl_set_pointer(handle, option, list))
    }

    /// How long connecting and the whole exchange may take.
    package func limit(connecting: Duration, whole: Duration) {
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(clamping: min(connecting, whole).microseconds / 1000)))
        set(CURLOPT_TIMEOUT_MS, max(1, Int(clamping: whole.microseconds / 1000)))
    }

    /// What is sent where the protocol streams an upload.
    package func send(_ bytes: [UInt8]) {
        let upload = Upload(bytes)
        self.upload = upload
        set(CURLOPT_UPLOAD, 1)
        note(
            holdfast_curl_set_read(
                handle,
                { target, size, count, context in
                    guard let target, let context else { return Int(CURL_READFUNC_ABORT) }
                    return Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue().read(into: target, size * count)
                }, Unmanaged.passUnretained(upload).toOpaque()))
    }

    /// Keeps what is received, at most `limit` bytes; more than that ends the exchange with `CURLE_WRITE_ERROR`.
    package func receive(atMost limit: Int) {
        let download = Download(limit: limit)
        self.download = download
        note(
            holdfast_curl_set_write(
                handle,
                { source, size, count, context in
                    guard let source, let context else { return 0 }
                    return Unmanaged<Download>.fromOpaque(context).takeUnretainedValue().take(source, size * count)
                }, Unmanaged.passUnretained(download).toOpaque()))
    }

    private func note(_ code: CURLcode) { isTaken = isTaken && code == CURLE_OK }

    private func freeLists() {
        for list in lists { curl_slist_free_all(list) }
        lists = []
    }

    // MARK: The exchange

    /// Whether libcurl took every setting so far.
    package var settingsWereTaken: Bool { isTaken }

    /// Blocks until the exchange is over. `body` is the request's own where there is one.
    package func perform(body: [UInt8]? = nil) -> CURLcode {
        guard let body else { return curl_easy_perform(handle) }
        return body.withUnsafeBytes { bytes in
            // Not copied by libcurl, so it must stay where it is until the exchange is over.
            note(holdfast_curl_set_long(handle, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count))
            let empty: StaticString = ""
            note(holdfast_curl_set_pointer(handle, CURLOPT_POSTFIELDS, bytes.baseAddress ?? UnsafeRawPointer(empty.utf8Start)))
            return curl_easy_perform(handle)
        }
    }

    /// The last status that the other side answered, 0 where it answered none.
    package var status: Int {
        var status = 0
        _ = holdfast_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    package var received: [UInt8] { download?.bytes ?? [] }

    /// A header of the last HTTP answer.
    package func header(_ name: String) -> String? {
        var header: UnsafeMutablePointer<curl_header>?
        guard curl_easy_header(handle, name, 0, UInt32(CURLH_HEADER), -1, &header) == CURLHE_OK, let header else { return nil }
        return String(cString: header.pointee.value)
    }

    package static func reason(_ code: CURLcode) -> String { String(cString: curl_easy_strerror(code)) }
}

/// What libcurl reads from. Used by one thread at a time.
private final class Upload {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(into target: UnsafeMutablePointer<CChar>, _ room: Int) -> Int {
        let count = min(room, bytes.count - position)
        bytes.withUnsafeBytes { source in
            if count > 0, let base = source.baseAddress {
                UnsafeMutableRawPointer(target).copyMemory(from: base.advanced(by: position), byteCount: count)
            }
        }
        position += count
        return count
    }
}

/// What libcurl writes to. Used by one thread at a time.
private final class Download {
    private let limit: Int
    private(set) var bytes: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    func take(_ source: UnsafeMutablePointer<CChar>, _ count: Int) -> Int {
        guard count <= limit - bytes.count else { return 0 }
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: source, count: count))
        return count
    }
}
