import CSSH
import Curl

#if canImport(Glibc)
import Glibc
#endif

/// A signed-in connection to an SFTP server. Blocks, and belongs to one user at a time, hence unchecked.
final class SFTPConnection: @unchecked Sendable {
    /// The connection itself is of no more use.
    struct Lost: Error {
        let reason: String
    }

    private let session: ssh_session
    private let sftp: sftp_session
    /// In bytes: what every server takes at a time.
    private static let chunkBytes = 32 << 10

    /// - Throws: ``ObjectFault`` where asking again changes nothing, ``Lost`` otherwise.
    init(_ settings: SFTPStore.Settings) throws {
        BrokenPipes.areErrors
        guard let session = ssh_new() else { throw Lost(reason: "no memory") }
        var isDone = false
        defer {
            if !isDone {
                ssh_disconnect(session)
                ssh_free(session)
            }
        }
        try Self.prepare(session, settings)
        guard ssh_connect(session) == SSH_OK else { throw Lost(reason: Self.words(session)) }
        guard ssh_session_is_known_server(session) == SSH_KNOWN_HOSTS_OK else {
            throw ObjectFault.settings(reason: "the server's key is not the one in the known-hosts file")
        }
        try Self.authenticate(session, settings.keyFile)
        guard let sftp = sftp_new(session) else { throw Lost(reason: Self.words(session)) }
        guard sftp_init(sftp) == SSH_OK else {
            sftp_free(sftp)
            throw Lost(reason: "the server offers no SFTP")
        }
        (self.session, self.sftp) = (session, sftp)
        isDone = true
    }

    deinit {
        sftp_free(sftp)
        ssh_disconnect(session)
        ssh_free(session)
    }

    private static func prepare(_ session: ssh_session, _ settings: SFTPStore.Settings) throws {
        var (port, no, seconds) = (UInt32(clamping: settings.place.port), CInt(0), CLong(settings.silence.components.seconds))
        let taken = [
            // What the account's own ssh is set to must not matter.
            ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no),
            ssh_options_set(session, SSH_OPTIONS_HOST, settings.place.host),
            ssh_options_set(session, SSH_OPTIONS_PORT, &port),
            ssh_options_set(session, SSH_OPTIONS_USER, settings.place.user),
            ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, settings.knownHosts),
            ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null"),
            ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &seconds),
        ]
        guard taken.allSatisfy({ $0 == 0 }) else { throw ObjectFault.settings(reason: "an SFTP setting was refused") }
    }

    private static func authenticate(_ session: ssh_session, _ file: String) throws {
        var key: ssh_key?
        guard ssh_pki_import_privkey_file(file, nil, nil, nil, &key) == SSH_OK, let key else {
            throw ObjectFault.settings(reason: "the private key can't be read; it must have no passphrase")
        }
        defer { ssh_key_free(key) }
        switch ssh_userauth_publickey(session, nil, key) {
        case CInt(SSH_AUTH_SUCCESS.rawValue): break
        case CInt(SSH_AUTH_ERROR.rawValue): throw Lost(reason: words(session))
        default: throw ObjectFault.denied
        }
    }

    private static func words(_ session: ssh_session) -> String {
        ssh_get_error(UnsafeMutableRawPointer(session)).map { String(cString: $0) } ?? "no reason given"
    }

    /// What the server said no to.
    private func refusal(_ what: String) -> any Error {
        switch sftp_get_error(sftp) {
        case SSH_FX_NO_SUCH_FILE, SSH_FX_NO_SUCH_PATH: return ObjectFault.missing
        case SSH_FX_PERMISSION_DENIED, SSH_FX_WRITE_PROTECT: return ObjectFault.denied
        case SSH_FX_FILE_ALREADY_EXISTS: return ObjectFault.exists
        case SSH_FX_NO_CONNECTION, SSH_FX_CONNECTION_LOST, SSH_FX_OK: return Lost(reason: Self.words(session))
        default:
            return ssh_is_connected(session) == 0
                ? Lost(reason: Self.words(session)) : ObjectFault.unavailable(reason: "the server can't \(what)")
        }
    }

    // MARK: Files

    struct Status {
        let size: UInt64
        let isFolder: Bool
        /// In seconds since 1970.
        let modified: UInt64
    }

    struct Item {
        let name: String
        let status: Status
    }

    func status(_ path: String) throws -> Status {
        guard let attributes = sftp_stat(sftp, path) else { throw refusal("look at a file") }
        defer { sftp_attributes_free(attributes) }
        return Self.status(attributes)
    }

    private static func status(_ attributes: sftp_attributes) -> Status {
        Status(
            size: attributes.pointee.size, isFolder: Int32(attributes.pointee.type) == SSH_FILEXFER_TYPE_DIRECTORY,
            modified: UInt64(attributes.pointee.mtime))
    }

    func items(in path: String) throws -> [Item] {
        guard let folder = sftp_opendir(sftp, path) else { throw refusal("list a directory") }
        defer { sftp_closedir(folder) }
        var items: [Item] = []
        while let attributes = sftp_readdir(sftp, folder) {
            defer { sftp_attributes_free(attributes) }
            guard let name = attributes.pointee.name.map({ String(cString: $0) }), name != ".", name != ".." else { continue }
            items.append(Item(name: name, status: Self.status(attributes)))
        }
        // A listing that was cut short must not look like one that ended.
        guard sftp_dir_eof(folder) != 0 else { throw refusal("list a directory") }
        return items
    }

    /// Makes a directory and those above it, below `root`, which must be there.
    func makeFolder(_ path: String, below root: String) throws {
        guard path.utf8.count > root.utf8.count else { return }
        if sftp_mkdir(sftp, path, 0o700) == SSH_OK { return }
        if (try? status(path))?.isFolder == true { return }
        try makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]), below: root)
        guard try sftp_mkdir(sftp, path, 0o700) == SSH_OK || status(path).isFolder else { throw refusal("make a directory") }
    }

    func remove(_ path: String) throws {
        guard sftp_unlink(sftp, path) == SSH_OK else { throw refusal("delete a file") }
    }

    func rename(_ path: String, to target: String) throws {
        guard sftp_rename(sftp, path, target) == SSH_OK else { throw refusal("rename a file") }
    }

    /// At most `count` bytes from `offset` on, and the file's size and age at that moment.
    func read(_ path: String, from offset: UInt64, count: Int) throws -> (bytes: [UInt8], status: Status) {
        guard let file = sftp_open(sftp, path, O_RDONLY, 0) else { throw refusal("open a file") }
        defer { sftp_close(file) }
        guard let attributes = sftp_fstat(file) else { throw refusal("look at a file") }
        let status = Self.status(attributes)
        sftp_attributes_free(attributes)
        guard !status.isFolder else { throw ObjectFault.missing }
        guard offset < status.size else { return ([], status) }
        guard sftp_seek64(file, offset) == SSH_OK else { throw refusal("read a file") }
        let wanted = Int(min(UInt64(count), status.size - offset))
        let bytes = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
            while initialized < wanted {
                let got = sftp_read(file, buffer.baseAddress?.advanced(by: initialized), min(Self.chunkBytes, wanted - initialized))
                guard got >= 0 else { throw refusal("read a file") }
                if got == 0 { break }
                initialized += got
            }
        }
        return (bytes, status)
    }

    /// A file that is being written.
    final class Writing: @unchecked Sendable {
        private let connection: SFTPConnection
        private var file: sftp_file?

        /// - Throws: ``ObjectFault`` `.exists` where there is such a file.
        init(_ path: String, on connection: SFTPConnection) throws {
            self.connection = connection
            file = sftp_open(connection.sftp, path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
            guard file != nil else { throw connection.refusal("make a file") }
        }

        deinit { if let file { sftp_close(file) } }

        func add(_ bytes: [UInt8]) throws {
            guard let file else { return }
            try bytes.withUnsafeBytes { bytes in
                var done = 0
                while done < bytes.count {
                    let count = sftp_write(file, bytes.baseAddress?.advanced(by: done), min(SFTPConnection.chunkBytes, bytes.count - done))
                    guard count > 0 else { throw connection.writeRefusal() }
                    done += count
                }
            }
        }

        /// Brings it to the server's disk, where the server can be asked to.
        func close() throws {
            guard let open = file else { return }
            if sftp_extension_supported(connection.sftp, "fsync@openssh.com", "1") != 0, sftp_fsync(open) < 0 {
                throw connection.writeRefusal()
            }
            file = nil
            guard sftp_close(open) == SSH_OK else { throw connection.writeRefusal() }
        }
    }

    /// SFTP has no word for a full disk.
    private func writeRefusal() -> any Error {
        let refusal = refusal("write a file")
        guard case ObjectFault.unavailable = refusal, let disk = sftp_statvfs(sftp, ".") else { return refusal }
        defer { sftp_statvfs_free(disk) }
        return disk.pointee.f_bavail == 0 ? ObjectFault.full : refusal
    }
}
