"""A cluster whose database is on another machine: every promise with a probe is kept there, and faults are said in words."""

import contextlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from lib import apart as networks
from lib import balancer as balancers
from lib import http, people
from lib.apart import Apart
from lib.balancer import NODE_OPTIONS, Balancer
from lib.checks import Skipped
from lib.database import PostgreSQL
from lib.objects import ObjectServer
from lib.server import Server, apex, executable, free_port
from test_cluster import ready, until

# What no node can see, whatever is done: see the guide for operators.
OUT_OF_SIGHT = {
    "DA-6": "whose disk no node can look into", "BK-9": "databases are shipped nowhere", "TN-11": "nobody has left yet"}
OUT_OF_SIGHT |= dict.fromkeys(("BK-2", "BK-3", "BK-4", "BK-5", "BK-10"), "on a PostgreSQL server that nobody backs up from here")
OUT_OF_SIGHT |= dict.fromkeys(("BK-1", "BK-7", "BK-8"), "nothing is backed up from here: start the server with --pgbackrest")


def promises(check, node, balancer):
    # Alarms need somebody who could be told.
    people.onboard(balancer, people.Person("op@vendor.example", "Olga Op"), node.claim_link())
    results = [control for control in node.json("controls", "--check", timeout=300) if control["kind"] == "automated"]
    summary = {control["id"]: control["evidence"]["summary"] for control in results}
    unkept = {control["id"]: (control["state"], summary[control["id"]]) for control in results if control["state"] != "pass"}
    check.equal("every promise with a probe is kept, but for what no node can see", sorted(unkept), sorted(OUT_OF_SIGHT))
    for name, (state, words) in unkept.items():
        check.that(f"{name}: {words}", state == "unknown" and OUT_OF_SIGHT.get(name, "?") in words, (state, words))
    for name in ("AV-1", "AV-3", "AV-8", "AZ-7", "TN-9"):
        check.note(f"{name}: {summary[name]}")
    page = http.request(balancer, "GET", apex, "/trust/da").text
    said = re.search(r'id="DA-6".*?</li>', page, re.S).group(0)
    check.that("the page for everybody says that it could not be checked, and why", "Could not be checked</b>" in said and OUT_OF_SIGHT["DA-6"] in said, said)
    check.that("and calls nothing old that was checked just now", "Not checked lately" not in page)


def listing(check, one, two, stranger_options):
    nodes = [two.json("node", "list"), one.json("node", "list")]
    check.equal("either node lists both, by their addresses", [sorted(node["address"] for node in listed) for listed in nodes],
                [sorted(f"127.0.0.1:{node.port}" for node in (one, two))] * 2)
    check.equal("one of them leads", [sum(node["leads"] for node in listed) for listed in nodes], [1, 1])
    check.that("it is told which one answers", [node["address"].endswith(str(two.port)) for node in nodes[0]] == [node["asked"] for node in nodes[0]], nodes[0])
    check.that("the list is there for people too", "leads" in one.run("node", "list").stdout)

    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([str(executable()), "serve", "--data", f"{folder}/data", "--listen", "127.0.0.1:0", "--apex", "other.localhost",
                               *stranger_options], capture_output=True, text=True, timeout=60)
        check.that("a node with another --apex does not start, and says which one is right",
                   done.returncode == 1 and f"--apex {apex}" in done.stderr, done.stderr[-400:])
    check.equal("and is not listed", len(one.json("node", "list")), 2)
    with Server("controls-elsewhere", options=[*stranger_options, "--objects", "/tmp"]) as three:
        check.that("a node with another --objects says so in its log", "give all the same --objects" in three.printed(), three.printed()[-400:])
        listed = one.run("node", "list")
        check.that("and the list does too", "different places" in listed.stderr, listed.stderr)
    check.that("a node that stopped leaves the list", until(lambda: len(one.json("node", "list")) == 2) is not None)


def fails(check, what, node, words, limit=9):
    began = time.monotonic()
    done = node.run("tenant", "list", check=False)
    took = time.monotonic() - began
    check.that(f"{what}: exit 1 and says so", done.returncode == 1 and words in done.stderr, (done.returncode, done.stderr))
    check.that(f"within some seconds ({took:.1f} s)", took < limit)


def silence(check, one, two):
    two.process.send_signal(signal.SIGSTOP)
    try:
        fails(check, "a command for a server that stands still", two, "stands still")
    finally:
        two.process.send_signal(signal.SIGCONT)
    check.that("it goes on", until(lambda: two.run("tenant", "list", check=False).returncode == 0) is not None)
    two.kill()
    fails(check, "a command for a server that was killed", two, "is gone", limit=3)
    gone = until(lambda: len(one.json("node", "list")) == 1)
    check.that("it leaves the list", gone is not None)
    two.start()


def locks(postgres):
    """Advisory locks that are held: a node's presence, and the lead."""
    return int(postgres.administer("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"))


def cut(check, apart, postgres, one, two):
    check.that("the nodes hold locks", locks(postgres) >= 3, locks(postgres))
    apart.cut()
    freed = until(lambda: locks(postgres) == 0, 30)
    check.that("the locks of nodes that fell silent are free within ten seconds", freed is not None and freed < 10, freed)
    check.note(f"after {freed or -1:.1f} s")
    check.that("a node without its database is not ready", until(lambda: ready(one) == 503) is not None)
    fails(check, "a command for it", one, "not ready", limit=6)

    began = time.monotonic()
    check.equal("a node stops in good order without it", two.stop(60), 0)
    check.note(f"in {time.monotonic() - began:.1f} s")
    starting = threading.Thread(target=two.start)
    starting.start()
    try:
        waits = until(lambda: ready(two) == 503, 20)
        check.that("a node that starts while the database is away is there, and not ready", waits is not None, ready(two))
        if waits is not None:
            answer = http.request(two, "GET", apex, "/health/ready")
            check.that("with the reason", "database" in answer.text, answer.text)
        fails(check, "a command for it", two, "The database doesn't answer")
    finally:
        apart.mend()
        starting.join(60)
    back = until(lambda: ready(one) == 200 and ready(two) == 200, 30)
    check.that("both are ready by themselves when it comes back", back is not None, (ready(one), ready(two)))
    check.that("and list each other", until(lambda: len(one.json("node", "list")) == 2) is not None)


class OldServer(threading.Thread):
    """Greets as PostgreSQL 14 does."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        def message(kind, body):
            return kind + (len(body) + 4).to_bytes(4, "big") + body
        while True:
            with contextlib.suppress(OSError), self.listener.accept()[0] as client:
                client.settimeout(10)
                if client.recv(4096)[4:8] == (80877103).to_bytes(4, "big"):
                    client.sendall(b"N")
                    client.recv(4096)
                client.sendall(message(b"R", bytes(4)) + message(b"S", b"server_version\0" b"14.9\0") + message(b"S", b"client_encoding\0UTF8\0")
                               + message(b"K", bytes(8)) + message(b"Z", b"I"))
                while client.recv(4096):
                    client.sendall(message(b"E", b"SERROR\0C0A000\0Mnot known here\0\0") + message(b"Z", b"I"))


def files(check, folder, key):
    """Secrets that others can read, and a server that is too old."""
    def start(*options):
        return subprocess.run([str(executable()), "serve", "--data", str(folder / "faulty"), "--listen", "127.0.0.1:0", "--master-key", str(key),
                               *options], capture_output=True, text=True, timeout=60)

    secret = folder / "secret"
    secret.write_text("one\ntwo\n")
    for mode in (0o640, 0o604):
        secret.chmod(mode)
        for options in (["--database", "postgres://holdfast@127.0.0.1:1/x", "--database-password-file", str(secret)],
                        ["--objects", "s3://holdfast/x?region=eu-central-1", "--objects-key-file", str(secret)],
                        ["--smtp", "smtps://127.0.0.1:1", "--smtp-user", "x", "--smtp-password-file", str(secret)]):
            done = start(*options)
            check.that(f"{options[-2]} that others can read ({mode:o}) is refused", done.returncode == 1 and f"chmod 600 {secret}" in done.stderr,
                       (done.returncode, done.stderr[-300:]))
    old = OldServer()
    old.start()
    done = start("--database", f"postgres://holdfast@127.0.0.1:{old.port}/x?sslmode=disable")
    check.that("a server that is too old: ends and says so", done.returncode == 1 and "15" in done.stderr and "14.9" in done.stderr, done.stderr[-300:])


def test(check):
    """A cluster with its database on another machine: all controls hold; nodes are listed; a cut cable, a stopped server"""
    if not networks.is_possible():
        raise Skipped("a network namespace needs root")
    if not balancers.is_installed():
        raise Skipped("haproxy is not installed")
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="holdfast-controls-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        key, password = folder / "master.key", folder / "password"
        for path, text in ((key, secrets.token_hex(32)), (password, PostgreSQL.password)):
            path.touch(mode=0o600)
            path.write_text(text + "\n")
        files(check, folder, key)
        apart = stack.enter_context(Apart())
        postgres = stack.enter_context(PostgreSQL(apart=apart))
        postgres.show_rules()
        objects = stack.enter_context(ObjectServer())
        stranger = ["--database", postgres.url("holdfast", apart.there), "--database-password-file", str(password), "--master-key", str(key)]
        shared = [*stranger, "--public-port", str(port), *NODE_OPTIONS, *objects.options(folder)]
        nodes = []
        for number in (1, 2):
            home = folder / f"node{number}"
            home.mkdir()
            nodes.append(stack.enter_context(Server(f"controls-node{number}", data=home, options=shared)))
        one, two = nodes
        with Balancer(nodes, port) as balancer:
            one.run("tenant", "create", "acme", "--name", "Acme Ltd")
            two.run("tenant", "create", "umbra", "--name", "Umbra Ltd")
            promises(check, one, balancer)
        listing(check, one, two, stranger)
        silence(check, one, two)
        cut(check, apart, postgres, one, two)

    # A proxy on the same machine.
    with Server("controls-plain", plain=True) as server:
        results = {control["id"]: control for control in server.json("controls", "--check")}
        found = results["AV-8"]
        check.that("a stranger is played where this machine is a trusted proxy", found["state"] == "pass", found["evidence"])
        for name in ("AV-1", "AV-3"):
            check.equal(f"{name} says nothing of one machine", results[name]["state"], "unknown")
