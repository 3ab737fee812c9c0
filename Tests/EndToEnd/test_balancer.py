"""Nodes behind HAProxy, by the configuration in deploy/: whose address counts, and what a lost or stopping node costs."""

import contextlib
import signal
import socket
import threading
import time

from lib import balancer as balancers
from lib import http
from lib.balancer import NODE_OPTIONS, SOURCE, Balancer
from lib.checks import Skipped
from lib.server import Server, apex, free_port

LOCAL = bytes.fromhex("0d0a0d0a000d0a515549540a20000000")
CLIENT = bytes.fromhex("0d0a0d0a000d0a515549540a2111000ccb007105") + bytes(8)
DRAIN = 2


def closes(port, source, greeting):
    """Whether a node closes a connection that begins so, without a word."""
    with socket.create_connection(("127.0.0.1", port), 10, (source, 0)) as connection:
        connection.sendall(greeting)
        try:
            return connection.recv(100) == b""
        except ConnectionResetError:
            return True


class Load:
    """Asks all the time, each request on a connection of its own, and remembers what went wrong and when."""

    def __init__(self, balancer, method, path, threads=3):
        self.balancer, self.method, self.path = balancer, method, path
        self.answered, self.failed = [], []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.ask, daemon=True) for _ in range(threads)]

    def ask(self):
        while not self.over.is_set():
            try:
                answer = http.request(self.balancer, self.method, apex, self.path, timeout=10, body=b"" if self.method == "POST" else None)
                if answer.status >= 500:
                    self.failed.append(answer.status)
                else:
                    self.answered.append(time.monotonic())
            except (OSError, http.NoAnswer) as error:
                self.failed.append(repr(error))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(20)

    @property
    def longest_gap(self):
        times = sorted(self.answered)
        return max((later - earlier for earlier, later in zip(times, times[1:])), default=0)


def addresses(check):
    port = free_port()
    with Server("behind", options=[*NODE_OPTIONS, "--public-port", str(port)]) as node, Balancer([node], port) as balancer:
        check.equal("HAProxy has nothing to warn of", [line for line in balancer.warnings.splitlines() if "WARNING" in line], [])
        balancer.source = "127.9.9.9"
        visitor = http.Visitor(balancer)
        forged = {"X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
        page = visitor.get(balancer.url(None, "/sign-in"))
        check.equal("a page comes through", page.status, 200)
        visitor.submit(page, {"identifier": "nobody@example.com", "password": "wrong-otter-linden-4271"}, headers=forged)
        log = node.folder / "platform.jsonl"
        node.run("audit", "export", "platform", "--output", str(log))
        text = log.read_text()
        attempts = [line for line in text.splitlines() if '"event":"sign_in' in line]
        check.that("the audit log has the client's network", any('"network":"127.9.9.0/24"' in line for line in attempts), attempts)
        check.that("and neither the balancer's nor a forged one", "127.0.0.0/24" not in text and "198.51.100" not in text)

        check.that("a PROXY header from a stranger is refused", closes(node.port, "127.0.0.1", CLIENT))
        check.that("one that speaks for itself too", closes(node.port, "127.0.0.1", LOCAL))
        check.that("the proxy without a header is refused", closes(node.port, SOURCE, b"\x16\x03\x01\x00\x05hello"))
        check.that("version 1 is refused", closes(node.port, SOURCE, b"PROXY TCP4 203.0.113.5 10.0.0.1 56324 443\r\n"))
        refused, deadline = [], time.monotonic() + 10
        while len(refused) < 3 and time.monotonic() < deadline:
            time.sleep(0.1)
            refused = [line for line in node.printed().splitlines() if "refused at the PROXY header" in line]
        check.that("that is logged, without an address", len(refused) == 3 and not any("127." in line or "203.0" in line for line in refused), refused)
        results = {control["id"]: control for control in node.json("controls", "--check")}
        check.equal("the probes of the node's own listener still work", [results[id]["state"] for id in ("DA-7", "LG-2")], ["pass", "pass"])


def loss(check):
    port = free_port()
    options = [*NODE_OPTIONS, "--public-port", str(port), "--drain", str(DRAIN)]
    with contextlib.ExitStack() as stack:
        one, two = (stack.enter_context(Server(f"node{number}", options=options)) for number in (1, 2))
        balancer = stack.enter_context(Balancer([one, two], port))
        with Load(balancer, "GET", "/health/live") as load:
            time.sleep(1.5)
            one.kill()
            time.sleep(3)
        check.that("a killed node fails no request that may be repeated", not load.failed and len(load.answered) > 50, load.failed[:5])
        check.that("and the longest gap is below a second", load.longest_gap < 1, load.longest_gap)
        check.note(f"{len(load.answered)} requests, longest gap {load.longest_gap * 1000:.0f} ms")

        one.start()
        time.sleep(1)
        # A token request without a body is answered with 400, and must not be repeated.
        with Load(balancer, "GET", "/health/live", 2) as reads, Load(balancer, "POST", "/oauth/token", 2) as writes:
            time.sleep(1)
            began = time.monotonic()
            two.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            check.equal("a node that is stopping is not ready", http.request(two, "GET", apex, "/health/ready").status, 503)
            check.equal("and still answers", http.request(two, "GET", apex, "/health/live").status, 200)
            two.process.wait(40)
            took = time.monotonic() - began
            time.sleep(1)
        check.equal("it ends well", two.process.returncode, 0)
        check.that("not before its balancer had time to look elsewhere", took >= DRAIN, took)
        check.that("no request of any kind failed", not reads.failed and not writes.failed, (reads.failed + writes.failed)[:5])
        check.that("enough were asked to say so", len(reads.answered) > 50 and len(writes.answered) > 50, (len(reads.answered), len(writes.answered)))
        check.note(f"{len(reads.answered)} reads and {len(writes.answered)} writes, longest gap {writes.longest_gap * 1000:.0f} ms")


def test(check):
    """Behind HAProxy: the client's address, forged headers, a node killed under load, a node stopped"""
    if not balancers.is_installed():
        raise Skipped("haproxy is not installed")
    addresses(check)
    loss(check)
