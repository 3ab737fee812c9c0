import Crypto
import Foundation
import Threads
import Vocabulary

/// Objects in a bucket of any server that speaks S3, through libcurl's own Signature Version 4.
///
/// Every request is small enough to be sent again as a whole: what is large goes in parts and comes in ranges. A busy server, a lost
/// connection and a cut answer are tried again with growing pauses until the deadline.
package final class S3Store: ObjectStore {
    package struct Settings: Sendable {
        package var place: S3Place
        package var accessKey: String
        package var secretKey: Secret
        /// PEM file with the authorities to trust, instead of the system's.
        package var authorities: String?
        package var connecting: Duration = .seconds(5)
        /// No byte for so long ends an attempt.
        package var silence: Duration = .seconds(15)
        /// One request with all its attempts.
        package var deadline: Duration = .seconds(90)
        package var attempts = 5
        /// The pause after the first failure; each next one is twice as long, less up to half by chance.
        package var pause: Duration = .milliseconds(200)
        package var threads = 4
        package var waiting = 256
        /// S3 takes no part below 5 MiB but the last. Bounds what one writer holds in memory.
        package var partBytes = 8 << 20

        package init(place: S3Place, accessKey: String, secretKey: Secret, authorities: String? = nil) {
            self.place = place
            self.accessKey = accessKey
            self.secretKey = secretKey
            self.authorities = authorities
        }
    }

    /// An upload in parts that nobody completed for so long is a crash's leftover.
    static let abandonedAfter = Duration.hours(24)

    let settings: Settings
    private let clock: any Clock
    private let entropy: any Entropy
    private let threads: BoundedThreads
    private let exchange: S3Exchange

    package init(_ settings: Settings, clock: any Clock = SystemClock(), entropy: any Entropy = SystemEntropy()) {
        self.settings = settings
        self.clock = clock
        self.entropy = entropy
        threads = BoundedThreads(settings.threads, waiting: settings.waiting)
        exchange = S3Exchange(settings: settings, lines: S3Lines())
    }

    // MARK: Writing

    @discardableResult
    package func put<Content: AsyncSequence & Sendable>(_ content: Content, at key: ObjectKey, ifAbsent: Bool) async throws -> StoredObject
    where Content.Element == [UInt8] {
        var gathering = Gathering(content)
        let first = try await gathering.next(settings.partBytes)
        let second = first.count < settings.partBytes ? [] : try await gathering.next(settings.partBytes)
        guard !second.isEmpty else { return try await putWhole(first, at: key, ifAbsent: ifAbsent) }
        if ifAbsent, try await exists(key) { throw ObjectFault.exists }
        let upload = try await S3Upload.begin(self, key: key)
        var hash = SHA256()
        do {
            var piece = first
            var next = second
            repeat {
                hash.update(data: piece)
                try await upload.add(piece)
                piece = next
                next = piece.count < settings.partBytes ? [] : try await gathering.next(settings.partBytes)
            } while !piece.isEmpty
            let size = try await upload.complete(ifAbsent: ifAbsent)
            return StoredObject(key: key, size: size, digest: ContentDigest(hash.finalize()))
        } catch {
            await upload.abort()
            throw error
        }
    }

    private func putWhole(_ bytes: [UInt8], at key: ObjectKey, ifAbsent: Bool) async throws -> StoredObject {
        let digest = ContentDigest(of: bytes)
        let stored = StoredObject(key: key, size: UInt64(bytes.count), digest: digest)
        var request = S3Request(method: .put, key: name(key), body: bytes, isChecked: true)
        if ifAbsent { request.headers["If-None-Match"] = "*" }
        var answer = try await ask(request)
        if ifAbsent, answer.status == 501 {
            // A server without conditional writes: looked at first, which leaves two who come at once to chance.
            if try await exists(key) { throw ObjectFault.exists }
            request.headers["If-None-Match"] = nil
            answer = try await ask(request)
        }
        if ifAbsent, answer.status == 412 {
            // Our own attempt before this one may have been carried out, and only its answer lost.
            guard answer.attempts > 1, try await holds(key, digest, size: bytes.count) else { throw ObjectFault.exists }
            return stored
        }
        guard answer.isSuccess else { throw answer.fault }
        if let checksum = answer.checksum, checksum != digest.base64 { throw ObjectFault.corrupt(reason: "it keeps another digest") }
        return stored
    }

    package func delete(_ key: ObjectKey) async throws {
        let answer = try await ask(S3Request(method: .delete, key: name(key)))
        guard answer.isSuccess || answer.fault == .missing else { throw answer.fault }
    }

    @discardableResult
    package func sweep() async throws -> Int {
        var swept = 0
        let answer = try await ask(S3Request(method: .get, query: ["uploads": "", "prefix": settings.place.prefix]))
        guard answer.isSuccess, let list = XMLElement(answer.body), list.name == "ListMultipartUploadsResult" else { throw answer.fault }
        let before = clock.now() - Self.abandonedAfter
        for upload in list.all("Upload") {
            guard let key = upload.first("Key")?.text, let id = upload.first("UploadId")?.text,
                let begun = upload.first("Initiated").flatMap({ Instant($0.text) }), begun < before,
                let own = self.key(key)
            else { continue }
            await S3Upload(store: self, key: own, id: id).abort()
            swept += 1
        }
        return swept
    }

    // MARK: Reading

    package func summary(of key: ObjectKey) async throws -> ObjectSummary {
        let answer = try await ask(S3Request(method: .head, key: name(key)))
        guard answer.isSuccess else { throw answer.fault }
        guard let size = answer.contentLength else { throw ObjectFault.unavailable(reason: "it tells no size") }
        return ObjectSummary(key: key, size: size)
    }

    package func piece(of key: ObjectKey, from offset: UInt64, count: Int, version: ObjectVersion?) async throws -> ObjectPiece {
        let count = max(1, count)
        var request = S3Request(method: .get, key: name(key), answerAtMost: max(count, 64 << 10))
        request.headers["Range"] = "bytes=\(offset)-\(offset + UInt64(count) - 1)"
        if let version { request.headers["If-Match"] = version.text }
        let answer = try await ask(request)
        switch answer.status {
        case 206:
            guard let (first, last, size) = Self.range(answer.contentRange), first == offset, last >= first,
                last - first + 1 == UInt64(answer.body.count), answer.body.count <= count
            else { throw ObjectFault.corrupt(reason: "it answered another range than asked for") }
            return ObjectPiece(bytes: answer.body, size: size, version: answer.etag.map(ObjectVersion.init))
        case 200:
            // A server may ignore the range of what is small.
            guard offset == 0, answer.body.count <= count else {
                throw ObjectFault.corrupt(reason: "it answered another range than asked for")
            }
            return ObjectPiece(bytes: answer.body, size: UInt64(answer.body.count), version: answer.etag.map(ObjectVersion.init))
        case 416:
            // Nothing lies there: an empty object, or beyond its end.
            let size = offset == 0 ? 0 : try await summary(of: key).size
            guard size <= offset else { throw ObjectFault.changed }
            return ObjectPiece(bytes: [], size: size, version: version)
        case 404 where version != nil && answer.fault == .missing: throw ObjectFault.changed
        default: throw answer.fault
        }
    }

    package func list(_ prefix: String, after marker: String?, limit: Int) async throws -> ObjectPage {
        let limit = min(max(1, limit), 1000)
        var query = ["list-type": "2", "max-keys": "\(limit)", "prefix": settings.place.prefix + prefix]
        if let marker { query["start-after"] = settings.place.prefix + marker }
        let answer = try await ask(S3Request(method: .get, query: query))
        guard answer.isSuccess else { throw answer.fault }
        guard let list = XMLElement(answer.body), list.name == "ListBucketResult" else {
            throw ObjectFault.unavailable(reason: "its listing can't be read")
        }
        let keys = list.all("Contents").compactMap { $0.first("Key")?.text }
        let objects = list.all("Contents").compactMap { item -> ObjectSummary? in
            // What others put there under names of another kind is not ours.
            guard let key = item.first("Key").flatMap({ key($0.text) }), let size = item.first("Size").flatMap({ UInt64($0.text) }) else {
                return nil
            }
            return ObjectSummary(key: key, size: size)
        }
        let goesOn = list.first("IsTruncated")?.text == "true"
        return ObjectPage(objects: objects, next: goesOn ? keys.last.map { String($0.dropFirst(settings.place.prefix.count)) } : nil)
    }

    private func exists(_ key: ObjectKey) async throws -> Bool {
        do {
            _ = try await summary(of: key)
            return true
        } catch ObjectFault.missing {
            return false
        }
    }

    private func holds(_ key: ObjectKey, _ digest: ContentDigest, size: Int) async throws -> Bool {
        do {
            _ = try await bytes(of: key, atMost: size, expecting: digest)
            return true
        } catch ObjectFault.corrupt {
            return false
        }
    }

    // MARK: Asking

    func name(_ key: ObjectKey) -> String { settings.place.prefix + key.description }

    private func key(_ name: String) -> ObjectKey? {
        name.hasPrefix(settings.place.prefix) ? ObjectKey(String(name.dropFirst(settings.place.prefix.count))) : nil
    }

    /// Asks until there is an answer that asking again would not change.
    func ask(_ request: S3Request) async throws -> S3Answer {
        let end = ContinuousClock.now + settings.deadline
        var pause = settings.pause
        var attempt = 1
        while true {
            let rest = end - .now
            let reason: String
            do {
                var answer = try await threads.run { [exchange] in try exchange.run(request, within: max(.milliseconds(1), rest)) }
                answer.attempts = attempt
                guard answer.isPassing else { return answer }
                reason = answer.words
            } catch S3Exchange.Failure.passing(let words) {
                reason = words
            } catch S3Exchange.Failure.lasting(let fault) {
                throw fault
            } catch is BoundedThreads.Crowded {
                throw ObjectFault.overloaded
            }
            let chance = Double(entropy.words().0 >> 11) / Double(1 << 53)
            let wait = pause * (1 - chance / 2)
            guard attempt < settings.attempts, .now + wait < end else { throw ObjectFault.unavailable(reason: reason) }
            try await Task.sleep(for: wait)
            pause *= 2
            attempt += 1
        }
    }

    /// `bytes 0-99/1000` (RFC 9110 section 14.4).
    private static func range(_ text: String?) -> (first: UInt64, last: UInt64, size: UInt64)? {
        guard let text, text.hasPrefix("bytes ") else { return nil }
        let numbers = text.dropFirst(6).split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "/" }.map { UInt64($0) }
        guard numbers.count == 3, let first = numbers[0], let last = numbers[1], let size = numbers[2], last < size else { return nil }
        return (first, last, size)
    }
}
