import Logging
import NIOSSL
import ServiceLifecycle
import Synchronization
import UnixSignals
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// The server's TLS identity from two PEM files. New connections use what was loaded last; open ones keep theirs.
package final class Certificates: Sendable {
    private struct Stamp: Equatable {
        let seconds: Int
        let nanoseconds: Int
        let size: Int64
        let inode: UInt64
    }

    private struct Loaded {
        let context: NIOSSLContext
        let stamps: [Stamp?]
    }

    private let chainPath: String
    private let keyPath: String
    private let loaded: Mutex<Loaded>

    /// - Throws: ``Vocabulary/Refusal`` naming the file that can't be used.
    package init(chain: String, key: String) throws {
        (chainPath, keyPath) = (chain, key)
        loaded = Mutex(try Self.load(chain, key))
    }

    var context: NIOSSLContext { loaded.withLock { $0.context } }

    /// Loads the files again. On a failure the old identity stays.
    package func reload() throws {
        let fresh = try Self.load(chainPath, keyPath)
        loaded.withLock { $0 = fresh }
    }

    /// Loads them if one of the files has changed. Returns whether it did.
    package func reloadIfChanged() throws -> Bool {
        let stamps = [Self.stamp(chainPath), Self.stamp(keyPath)]
        guard loaded.withLock({ $0.stamps != stamps }) else { return false }
        try reload()
        return true
    }

    private static func load(_ chain: String, _ key: String) throws -> Loaded {
        let stamps = [stamp(chain), stamp(key)]
        let certificates: [NIOSSLCertificate]
        let privateKey: NIOSSLPrivateKey
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(chain)
        } catch {
            throw Refusal.invalid("certificate", "The certificate file \(chain) can't be read as PEM.")
        }
        do {
            privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
        } catch {
            throw Refusal.invalid("certificate-key", "The key file \(key) can't be read as PEM.")
        }
        do {
            return Loaded(context: try NIOSSLContext(configuration: configuration(certificates, privateKey)), stamps: stamps)
        } catch {
            throw Refusal.invalid("certificate", "The certificate \(chain) and the key \(key) don't belong together.")
        }
    }

    /// TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only (RFC 9325, Mozilla's intermediate profile).
    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_AES_128_GCM_SHA256, .TLS_AES_256_GCM_SHA384, .TLS_CHACHA20_POLY1305_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.curves = [.x25519_MLKEM768, .x25519, .secp256r1, .secp384r1]
        configuration.applicationProtocols = ["h2", "http/1.1"]
        configuration.renegotiationSupport = .none
        return configuration
    }

    private static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, size: Int64(status.st_size), inode: UInt64(status.st_ino))
    }
}

/// Reloads the certificates when their files change, looked at each minute, and on SIGHUP.
package struct CertificateWatch: Service {
    private let certificates: Certificates
    private let interval: Duration
    private let logger: Logger

    package init(_ certificates: Certificates, interval: Duration = .seconds(60), logger: Logger) {
        self.certificates = certificates
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) { refresh(always: true) }
                }
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: interval)
                        refresh(always: false)
                    }
                }
            }
        }
    }

    private func refresh(always: Bool) {
        do {
            if always {
                try certificates.reload()
                logger.info("certificates reloaded")
            } else if try certificates.reloadIfChanged() {
                logger.info("certificates reloaded")
            }
        } catch {
            logger.error("certificates not reloaded, the old ones stay in use")
        }
    }
}
