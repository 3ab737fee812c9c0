"""Starting, refusing to start, stopping."""

import os
import shutil
import socket
import subprocess

from lib import http
from lib.server import Server, apex, executable, free_port


def refused(check, what, arguments, words, code=1):
    """Runs `serve`, which has to end with a clear message."""
    done = subprocess.run([str(executable()), "serve", *arguments], capture_output=True, text=True, timeout=60)
    said = done.stderr + done.stdout
    check.equal(f"{what}: exit {code}", done.returncode, code)
    check.that(f"{what}: a clear message", any(word in said.lower() for word in words) and "Fatal error" not in said, said[-500:])


def test(check):
    """Starts, refuses to start on what it must not touch, stops by SIGTERM"""
    with Server("start") as server:
        live = http.request(server, "GET", apex, "/health/live")
        check.equal("it is alive", live.status, 200)
        check.equal("the data directory is its user's alone", oct(os.stat(server.data).st_mode & 0o077), "0o0")
        check.equal("so is the socket", oct(os.stat(server.data / "holdfast.sock").st_mode & 0o077), "0o0")

        foreign = http.request(server, "GET", apex, "/", host_header=f"unknown.example:{server.port}")
        check.equal("an unknown host is 421", foreign.status, 421)
        unknown = http.request(server, "GET", f"nobody.{apex}", "/")
        check.equal("a tenant that isn't there is 421", unknown.status, 421)
        with socket.create_connection(("127.0.0.1", server.port), 10) as plain:
            plain.sendall(f"GET / HTTP/1.1\r\nHost: {apex}\r\n\r\n".encode())
            answer = plain.recv(1000)
            check.that("plain HTTP gets no page", b"200" not in answer[:15], answer)

        home = http.request(server, "GET", apex, "/sign-in")
        check.equal("the sign-in page is there", home.status, 200)
        policy = home.header("content-security-policy") or ""
        check.that("with a strict policy", "unsafe-inline" not in policy and "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy, policy)
        check.that("and HSTS", "max-age=" in (home.header("strict-transport-security") or ""), home.headers)
        check.that("and no-store", "no-store" in (home.header("cache-control") or ""), home.headers)
        check.that("and nothing about what runs it", not home.header("server") and not home.header("x-powered-by"), home.headers)
        check.that("a page weighs at most 60 KB", len(home.body) <= 60_000, len(home.body))

        refused(check, "a second server on the same data", ["--data", str(server.data), "--listen", f"127.0.0.1:{free_port()}"],
                ["already", "another", "in use", "running"])
        check.equal("the first goes on", http.request(server, "GET", apex, "/health/ready").status, 200)
        copy = server.folder / "copy"
        check.equal("it ends by SIGTERM", server.stop(), 0)
        shutil.copytree(server.data, copy, ignore=shutil.ignore_patterns("*.sock"))

        databases = [path for path in copy.rglob("*") if path.is_file() and path.name.startswith("control") and path.suffix in (".db", ".sqlite", "")]
        check.must("the control database is a file", databases, [str(p) for p in copy.rglob("*")])
        database = max(databases, key=lambda path: path.stat().st_size)
        check.that("which is encrypted", not database.read_bytes().startswith(b"SQLite format 3"))
        whole = database.read_bytes()
        database.write_bytes(b"SQLite format 3\0" + whole[16:])
        refused(check, "a foreign database file", ["--data", str(copy), "--listen", f"127.0.0.1:{free_port()}"], ["read", "key", "corrupt", "damaged", "not"])
        check.that("which it leaves as it is", database.read_bytes() == b"SQLite format 3\0" + whole[16:])
        database.write_bytes(whole)

        check.that("it starts again and nothing is lost", server.start())
    refused(check, "an option that makes no sense", ["--listen", "nowhere"], ["host:port"], code=2)
    refused(check, "a production host without a certificate", ["--apex", "app.example.com"], ["--certificate"], code=2)
    refused(check, "a demo in production", ["--apex", "app.example.com", "--demo", "--certificate", "/x", "--private-key", "/y", "--smtp", "smtp://localhost:25"],
            ["demo"], code=2)
