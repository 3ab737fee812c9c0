import Foundation

/// An S3 server for tests: moto, which checks every signature, behind a door that misbehaves when it is told to. Shared by all tests of
/// a process and gone with it.
package final class ObjectServer: Sendable {
    /// What the door does wrong, from the next request on.
    package enum Fault: Sendable {
        case none
        /// Answers 503 SlowDown so many times.
        case busy(Int)
        /// Cuts the connection so many times before it passes the request on.
        case dropped(Int)
        /// Passes the request on so many times and never brings the answer back.
        case unanswered(Int)
        /// Sends half of an object's bytes and cuts the connection, so many times.
        case cut(Int)
        /// Changes one byte of every object.
        case otherByte
        /// Leaves out the last byte of every object, and says so in its length.
        case shorter
        /// Accepts and says nothing.
        case silent

        fileprivate var text: String {
            switch self {
            case .none: "none 0"
            case .busy(let count): "busy \(count)"
            case .dropped(let count): "dropped \(count)"
            case .unanswered(let count): "unanswered \(count)"
            case .cut(let count): "cut \(count)"
            case .otherByte: "otherByte 0"
            case .shorter: "shorter 0"
            case .silent: "silent 0"
            }
        }
    }

    package struct NotThere: Error {}

    private static let python = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(".deps/python/bin/python").path
    package static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python) }

    package let port: Int
    package let accessKey: String
    package let secretKey: String
    private let home: TemporaryDirectory
    private let process: Process
    private var faultFile: URL { home.url.appendingPathComponent("fault") }

    /// - Parameter certificate: the door speaks TLS with these PEM files.
    package init(certificate: String = "-", key: String = "-") async throws {
        home = try TemporaryDirectory()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = ["-W", "ignore", "-c", Self.program, home.path, certificate, key]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process = process
        let deadline = ContinuousClock.now + .seconds(60)
        let ready = home.url.appendingPathComponent("ready")
        var words: [String] = []
        while words.isEmpty, .now < deadline {
            try await Task.sleep(for: .milliseconds(20))
            words = ((try? String(contentsOf: ready, encoding: .utf8)) ?? "").split(separator: " ").map(String.init)
        }
        guard words.count == 3, let port = Int(words[0]) else {
            kill(process.processIdentifier, SIGKILL)
            throw NotThere()
        }
        self.port = port
        (accessKey, secretKey) = (words[1], words[2])
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// `s3://bucket/prefix?…` on this server. The bucket `holdfast` is there.
    package func address(bucket: String = "holdfast", prefix: String, scheme: String = "http") -> String {
        "s3://\(bucket)/\(prefix)?endpoint=\(scheme)://127.0.0.1:\(port)&region=eu-central-1"
    }

    package func misbehave(_ fault: Fault) throws { try Data(fault.text.utf8).write(to: faultFile, options: .atomic) }

    private static let program = """
        import http.client, http.server, json, os, re, ssl, sys, threading, time, logging
        directory, certificate, key = sys.argv[1:4]
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        import boto3
        from moto import settings
        from moto.moto_server.threaded_moto_server import ThreadedMotoServer
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        inner = moto.get_host_and_port()[1]
        def client(name):
            return boto3.client(name, endpoint_url=f"http://127.0.0.1:{inner}", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
        iam = client("iam")
        iam.create_user(UserName="holdfast")
        allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        iam.put_user_policy(UserName="holdfast", PolicyName="objects", PolicyDocument=json.dumps(allowed))
        access = iam.create_access_key(UserName="holdfast")["AccessKey"]
        client("s3").create_bucket(Bucket="holdfast", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0.0
        lock = threading.Lock()
        def fault(is_object):
            with lock:
                try:
                    name, count = open(directory + "/fault").read().split()
                except OSError:
                    return "none"
                if name in ("busy", "dropped", "unanswered", "cut"):
                    if int(count) == 0 or (name == "cut" and not is_object):
                        return "none"
                    with open(directory + "/fault", "w") as file:
                        file.write(f"{name} {int(count) - 1}")
                return name
        class Door(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *_):
                pass
            def cut(self):
                self.close_connection = True
                self.connection.close()
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_object = self.command == "GET" and "?" not in self.path
                name = fault(is_object)
                if name == "silent":
                    time.sleep(60)
                    return self.cut()
                if name == "dropped":
                    return self.cut()
                if name == "busy":
                    text = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>later</Message></Error>"
                    self.send_response(503)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                    return
                inside = http.client.HTTPConnection("127.0.0.1", inner, timeout=60)
                inside.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for header, value in self.headers.items():
                    if header.lower() not in ("expect", "connection"):
                        inside.putheader(header, value)
                inside.endheaders(body)
                got = inside.getresponse()
                bytes = got.read()
                if name == "unanswered":
                    return self.cut()
                is_object = is_object and got.status in (200, 206) and len(bytes) > 0
                if name == "otherByte" and is_object:
                    bytes = bytes[:-1] + b"%c" % (bytes[-1] ^ 1)
                if name == "shorter" and is_object:
                    bytes = bytes[:-1]
                self.send_response(got.status)
                length = got.getheader("Content-Length") if self.command == "HEAD" else str(len(bytes))
                for header, value in got.getheaders():
                    if header.lower() not in ("content-length", "connection", "transfer-encoding", "server", "date"):
                        self.send_header(header, value)
                if got.status != 204:
                    self.send_header("Content-Length", length)
                self.end_headers()
                if name == "cut" and is_object:
                    self.wfile.write(bytes[: len(bytes) // 2])
                    return self.cut()
                if self.command != "HEAD":
                    self.wfile.write(bytes)
            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer
        class Doors(http.server.ThreadingHTTPServer):
            daemon_threads = True
            def handle_error(self, *_):
                pass
        doors = Doors(("127.0.0.1", 0), Door)
        if certificate != "-":
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate, key)
            doors.socket = context.wrap_socket(doors.socket, server_side=True)
        threading.Thread(target=doors.serve_forever, daemon=True).start()
        with open(directory + "/ready.draft", "w") as file:
            file.write(f"{doors.server_address[1]} {access['AccessKeyId']} {access['SecretAccessKey']}")
        os.rename(directory + "/ready.draft", directory + "/ready")
        # Ends with the tests, however those end.
        parent = os.getppid()
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(0)
        """
}
