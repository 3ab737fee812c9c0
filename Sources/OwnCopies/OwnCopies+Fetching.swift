import Audit
import ObjectStores
import Sealing
import Storage
import Tenants
import Threads
import Vocabulary

extension OwnCopies {
    /// For whom a file is sealed when it is fetched.
    package enum Wish: Sendable {
        case passphrase(String)
        case recipients([String])
        /// As it is kept: sealed to the customer's recipients already.
        case asKept
    }

    /// The file, sealed for whoever asked, as it is asked for; some hundred kilobytes are in memory at a time. Audited before the first byte.
    ///
    /// - Parameter isWelcome: asked again and again; once it says no, the file breaks off.
    /// - Throws: ``Refusal`` `not-found`, `own-copy-lost`, `own-copy-damaged`, `own-copy-away`, `own-copy-sealed`, `passphrase`, `recipient`.
    package func fetch(
        _ id: OwnCopyID, of environment: HostedEnvironment, for wish: Wish, by principal: Principal,
        asLongAs isWelcome: @escaping @Sendable () async throws -> Bool = { true }
    ) async throws -> FetchedCopy {
        let copy = try await find(id, of: environment.id)
        let locks = try locks(for: wish, copy)
        try await Self.telling {
            guard let size = try await stored(copy) else { throw ObjectFault.missing }
            guard size == copy.size else { throw ObjectFault.corrupt(reason: "it has another length") }
        }
        let opener: AgeIdentity? = copy.sealing == .environment ? try await identity(of: environment.id) : nil
        let store = try store()
        var content = ResealedContent.Iterator(
            reading: store.read(try key(of: copy), expecting: Self.digest(copy)).makeAsyncIterator(), opener: opener, locks: locks,
            entropy: parts.entropy, threads: threads)
        // What is damaged at its beginning is found before anything is answered.
        let first = try await Self.telling { [content] in
            var content = content
            return (try await content.next(), content)
        }
        content = first.1
        let database = try await parts.workspaces(environment.id).database
        let event = AuditEvent.ownCopyFetched(environment: environment.id, copy: copy.id, sealing: wish.name)
        let now = parts.clock.now()
        try await database.write { [audit = parts.audit] in try audit.record(event, by: principal, at: now, in: $0) }
        return FetchedCopy(
            name: copy.name(of: environment.label),
            content: ResealedContent(first: first.0 ?? [], rest: content, isWelcome: isWelcome))
    }

    private func locks(for wish: Wish, _ copy: OwnCopy) throws -> [any AgeLock] {
        switch (copy.sealing, wish) {
        case (.recipients, .asKept): return []
        case (.recipients, _):
            throw Refusal.conflict(
                "own-copy-sealed", "This file is sealed to your recipients, and nobody here can open it. Fetch it as it is.")
        case (.environment, .passphrase(let text)): return [AgePassphrase(try Self.check(passphrase: text), work: 16)]
        case (.environment, .recipients(let texts)) where !texts.isEmpty: return try parse(texts)
        case (.environment, _):
            throw Refusal.invalid("passphrase", "Give a passphrase, or recipients: for whom is it to be sealed?", field: "passphrase")
        }
    }

    private static func digest(_ copy: OwnCopy) -> ContentDigest? {
        var bytes: [UInt8] = []
        var rest = Substring(copy.digest)
        while let byte = UInt8(rest.prefix(2), radix: 16), rest.count >= 2 {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return ContentDigest(bytes: bytes)
    }

    /// Faults in words for whoever fetches.
    private static func telling<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch ObjectFault.missing {
            throw Refusal(.gone, "own-copy-lost", "This file is no longer there. Have another one made.")
        } catch ObjectFault.corrupt, is AgeFault {
            throw Refusal(
                .gone, "own-copy-damaged", "This file is damaged: it is not what was stored. Have another one made, and tell your operator."
            )
        } catch let fault as ObjectFault {
            throw Refusal(.unavailable(retryAfter: .seconds(60)), "own-copy-away", "The files can't be read at the moment: \(fault).")
        } catch is BoundedThreads.Crowded {
            throw Refusal(.unavailable(retryAfter: .seconds(60)), "own-copies-busy", "Too many files are being fetched. Try again later.")
        }
    }
}

extension OwnCopies.Wish {
    fileprivate var name: String {
        switch self {
        case .passphrase: "passphrase"
        case .recipients, .asKept: "recipients"
        }
    }
}

/// A file on its way to its customer.
package struct FetchedCopy: Sendable {
    package let name: String
    package let content: ResealedContent
}

/// What is kept, opened and sealed anew piece by piece; or as it is, where nobody here can open it.
package struct ResealedContent: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    let first: [UInt8]
    let rest: Iterator
    let isWelcome: @Sendable () async throws -> Bool

    package func makeAsyncIterator() -> Guarded { Guarded(first: first, rest: rest, isWelcome: isWelcome) }

    package struct Guarded: AsyncIteratorProtocol {
        fileprivate var first: [UInt8]?
        fileprivate var rest: Iterator
        fileprivate let isWelcome: @Sendable () async throws -> Bool

        fileprivate init(first: [UInt8], rest: Iterator, isWelcome: @escaping @Sendable () async throws -> Bool) {
            (self.first, self.rest, self.isWelcome) = (first, rest, isWelcome)
        }

        package mutating func next() async throws -> [UInt8]? {
            if let first {
                self.first = nil
                if !first.isEmpty { return first }
            }
            // A download must not outlive the right to it.
            guard try await isWelcome() else {
                throw Refusal(.unauthenticated, "sign-in-again", "Your access has ended, and the download with it.")
            }
            return try await rest.next()
        }
    }

    package struct Iterator: AsyncIteratorProtocol, Sendable {
        private var reading: ObjectReading.Iterator
        private var opening: AgeOpening?
        private var sealing: AgeSealing?
        private let locks: [any AgeLock]
        private let entropy: any Entropy
        private let threads: BoundedThreads
        private var isOver = false

        init(
            reading: ObjectReading.Iterator, opener: AgeIdentity?, locks: [any AgeLock], entropy: any Entropy, threads: BoundedThreads
        ) {
            self.reading = reading
            opening = opener.map { AgeOpening(with: [$0]) }
            (self.locks, self.entropy, self.threads) = (locks, entropy, threads)
        }

        package mutating func next() async throws -> [UInt8]? {
            if isOver { return nil }
            let piece = try await reading.next()
            isOver = piece == nil
            guard let opening else { return piece }
            let (known, locks, entropy) = (sealing, locks, entropy)
            // Stretching a passphrase takes a tenth of a second, and a piece is megabytes.
            let step = try await threads.run { () throws -> (AgeOpening, AgeSealing, [UInt8]) in
                var (opening, sealing) = (opening, try known ?? AgeSealing(to: locks, entropy: entropy))
                var bytes = known == nil ? sealing.beginning : []
                if let piece {
                    bytes += try sealing.seal(opening.open(piece))
                } else {
                    bytes += try sealing.seal(opening.finish()) + sealing.finish()
                }
                return (opening, sealing, bytes)
            }
            (self.opening, sealing) = (step.0, step.1)
            return step.2
        }
    }
}
