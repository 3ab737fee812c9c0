import Backup
import Foundation
import ObjectStores
import Tenants
import Vocabulary

/// One `--backup`: a place, then words after commas.
struct BackupPlace: Sendable {
    enum Place: Sendable {
        case directory(String)
        case s3(S3Place)
        case sftp(SFTPPlace)
    }

    let name: String
    let place: Place
    let region: Region?
    let isAppendOnly: Bool
    let confirms: Bool
    let keyFile: String?
    let authorities: String?
    let knownHosts: String?

    var kind: Destination.Kind { Self.kind(of: place) }

    private static func kind(of place: Place) -> Destination.Kind {
        switch place {
        case .directory: .directory
        case .s3: .s3
        case .sftp: .sftp
        }
    }

    /// Without secrets.
    var address: String {
        switch place {
        case .directory(let path): path
        case .s3(let place): "s3://\(place.bucket)/\(place.prefix) at \(place.endpoint)"
        case .sftp(let place): place.description
        }
    }

    /// Several of a kind are told apart by a number.
    static func all(_ texts: [String]) throws -> [BackupPlace] {
        var count: [Destination.Kind: Int] = [:]
        var addresses: Set<String> = []
        return try texts.map { text in
            let place = try BackupPlace(text) { kind in
                count[kind, default: 0] += 1
                return count[kind] == 1 ? kind.rawValue : "\(kind.rawValue)-\(count[kind] ?? 0)"
            }
            guard addresses.insert(place.address).inserted else { throw usage("--backup names \(place.address) twice.") }
            return place
        }
    }

    private init(_ text: String, name: (Destination.Kind) -> String) throws {
        var words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let address = words.removeFirst()
        guard !address.isEmpty else { throw Self.usage("--backup needs a place before its first comma.") }
        var (region, append, confirms) = (Region?.none, false, false)
        var files: [String: String] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first ?? "", parts.count) {
            case ("append-only", 1): append = true
            case ("confirms", 1): confirms = true
            case ("region", 2):
                guard let known = Region(named: parts[1]) else {
                    throw Self.usage(
                        "--backup \(address): there is no region '\(parts[1])'; there are \(Region.all.map(\.name).joined(separator: ", "))."
                    )
                }
                region = known
            case ("key-file", 2), ("authorities", 2), ("known-hosts", 2): files[parts[0]] = absolute(parts[1])
            default:
                throw Self.usage(
                    "--backup \(address): '\(word)' is none of region=…, append-only, confirms, key-file=…, authorities=…, known-hosts=….")
            }
        }
        (self.region, isAppendOnly, self.confirms) = (region, append, confirms)
        (keyFile, authorities, knownHosts) = (files["key-file"], files["authorities"], files["known-hosts"])
        do {
            if address.hasPrefix("s3://") {
                place = .s3(try S3Place(address))
                guard keyFile != nil else {
                    throw Self.usage("--backup \(address) needs key-file=FILE: a key id and a secret key, a line each.")
                }
            } else if address.hasPrefix("sftp://") {
                place = .sftp(try SFTPPlace(address))
                guard keyFile != nil, knownHosts != nil else {
                    throw Self.usage("--backup \(address) needs key-file=FILE, a private key, and known-hosts=FILE, as ssh has them.")
                }
            } else if address.contains("://") {
                throw Self.usage("--backup takes a directory, s3://… or sftp://…; '\(address)' is none of them.")
            } else {
                place = .directory(absolute(address))
            }
        } catch let refusal as Refusal {
            throw Self.usage(refusal.message)
        }
        switch place {
        case .directory:
            guard files.isEmpty else {
                throw Self.usage("--backup \(address): a directory takes no \(files.keys.sorted().joined(separator: ", ")).")
            }
        case .s3: guard knownHosts == nil else { throw Self.usage("--backup \(address): known-hosts is for sftp://….") }
        case .sftp: guard authorities == nil else { throw Self.usage("--backup \(address): authorities is for s3://….") }
        }
        self.name = name(Self.kind(of: place))
    }

    private static func usage(_ message: String) -> CommandFailure { CommandFailure(message: message, isUsage: true) }
}

extension BackupPlace {
    func destination(clock: any Clock, entropy: any Entropy) async throws -> Destination {
        let store: any ObjectStore
        switch place {
        case .directory(let path): store = try await FileSystemStore(directory: path, entropy: entropy)
        case .s3(let place):
            let keys = SecretFile(path: keyFile ?? "", what: "The key file of --backup \(address)")
            store = S3Store(try S3Store.Settings(place, keys: keys, authorities: authorities), clock: clock, entropy: entropy)
        case .sftp(let place):
            // Whoever can read it can delete backups.
            _ = try SecretFile(path: keyFile ?? "", what: "The private key of --backup \(address)").read()
            store = SFTPStore(.init(place: place, keyFile: keyFile ?? "", knownHosts: knownHosts ?? ""), entropy: entropy)
        }
        return Destination(
            name: name, kind: kind, address: address, store: store, region: region, isAppendOnly: isAppendOnly, confirms: confirms)
    }
}

extension S3Store.Settings {
    /// - Parameter keys: a file of two lines, the key's id and the secret key.
    init(_ place: S3Place, keys: SecretFile, authorities: String?) throws {
        let lines = try keys.read().split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        guard lines.count == 2, !lines[0].isEmpty, !lines[1].isEmpty else {
            throw CommandFailure(message: "\(keys.path) must hold two lines: the key's id, and the secret key.")
        }
        self.init(place: place, accessKey: lines[0], secretKey: Secret(lines[1]), authorities: authorities)
    }
}
