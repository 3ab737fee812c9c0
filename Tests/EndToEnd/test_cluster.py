"""Two nodes over one PostgreSQL: what one knows the other knows, and one that dies loses nothing."""

import subprocess
import time

from lib import http, people
from lib.database import PostgreSQL, some_prefix
from lib.server import Server, executable, free_port
from test_crash import Writer, records_of

PROMISED = 1.0


def until(holds, limit=10):
    """Seconds until `holds()`; None if it never does."""
    began = time.monotonic()
    while time.monotonic() - began < limit:
        if holds():
            return time.monotonic() - began
        time.sleep(0.01)
    return None


def last_old(is_old, limit=10):
    """Seconds until the last question was put that got an old answer; None if there is no end of them. How long a refusal takes doesn't matter."""
    began = time.monotonic()
    last = 0
    while (asked := time.monotonic() - began) < limit:
        if not is_old():
            return last
        last = asked
        time.sleep(0.01)
    return None


def within(check, what, delay):
    check.that(f"{what} within a second", delay is not None and delay < PROMISED, delay)
    if delay is not None:
        check.note(f"after {delay * 1000:.0f} ms")


def ready(server):
    """The status of /health/ready; 0 where nobody answers."""
    try:
        return http.request(server, "GET", "holdfast.localhost", "/health/ready", timeout=5).status
    except (OSError, http.NoAnswer):
        return 0


def faults(check, postgres, folder, key):
    """What can be wrong from the beginning, in words for the one who starts it."""
    def start(*options):
        return subprocess.run([str(executable()), "serve", "--data", str(folder / "faulty"), "--listen", "127.0.0.1:0", "--master-key", str(key),
                               *options], capture_output=True, text=True, timeout=60)

    password = folder / "password"
    password.write_text("wrong\n")
    password.chmod(0o600)
    done = start("--database", postgres.url(some_prefix(), "localhost"), "--database-password-file", str(password))
    check.that("a wrong password: ends and says so", done.returncode == 1 and "password" in done.stderr, done.stderr[-400:])
    done = start("--database", postgres.url(some_prefix(), "localhost").partition("&")[0], "--database-password-file", str(password))
    check.that("a certificate of nobody we trust: ends and says so", done.returncode == 1 and "certificate" in done.stderr, done.stderr[-400:])
    done = start("--database", f"postgres://postgres@:{postgres.port}/{some_prefix()}?host={postgres.folder}")
    check.that("a superuser: refused", done.returncode == 1 and "superuser" in done.stderr, done.stderr[-400:])
    done = start("--database", "postgres://holdfast:secret@localhost/x")
    check.that("a password in the address: refused", done.returncode == 2 and "password" in done.stderr, done.stderr[-400:])
    done = start("--database", postgres.url(some_prefix()), "--keyring", str(folder / "keys"))
    check.that("a keyring beside a database: refused", done.returncode == 2 and "--keyring" in done.stderr, done.stderr[-400:])


def test(check):
    """Two nodes over one PostgreSQL: sign in on one, read on the other, kill one under load"""
    port, prefix = free_port(), some_prefix()
    with PostgreSQL() as postgres, Server("cluster-a") as a:
        key = a.data / "master.key"
        # Each node at an address of its own, and both behind the one that people see.
        a.stop()
        a.options = ["--database", postgres.url(prefix), "--master-key", str(key), "--objects", str(a.folder / "published")]
        a.port = port
        faults(check, postgres, a.folder, key)
        with Server("cluster-b", options=a.options, address="127.0.0.2") as b:
            b.stop()
            b.port = port
            for server in (a, b):
                server.mailboxes = [a.data / "mail", b.data / "mail"]
            a.start()
            b.start()
            check.that("both are ready", ready(a) == 200 and ready(b) == 200)

            operator = people.onboard(a, people.Person("op@vendor.example", "Olga Op"), a.claim_link())
            page = operator.get(a.url(None, "/nodes"))
            check.that("the console lists both, and who leads",
                       page.status == 200 and all(f"{node.address}:{port}" in page.text for node in (a, b)) and page.text.count(">Leads<") == 1,
                       page.text[-2000:])
            check.that("for operators alone", "127.0.0.2" not in http.Visitor(a).get(a.url(None, "/nodes")).text)

            person, visitor = people.owner_of(a, "acme", "Acme Ltd", "ann@acme.example", "Ann Archer")
            client = people.make_client(a, "acme")
            token = people.access_token(a, visitor, client, "acme")["access_token"]
            here, there = people.API(a, "acme", token), people.API(b, "acme", token)
            made = here.ask("POST", "/collections", {"slug": "notes", "name": "Notes", "fields": [
                {"key": "name", "label": "Name", "type": "text", "required": True, "unique": True, "indexed": True}], "title_field": "name"})
            check.must("a collection is made on one", made.status in (200, 201), made)
            made = here.ask("POST", "/collections/notes/records", {"values": {"name": "first"}})
            check.must("and a record", made.status in (200, 201), made)
            found = there.ask("GET", f"/collections/notes/records/{made.json['id']}")
            check.that("which the other one reads at once, with the same token", found.status == 200 and found.json["values"]["name"] == "first", found)
            visitor.server = b
            page = visitor.get(b.url("acme"))
            check.that("a session of one is a session of the other", page.status == 200 and "/sign-in" not in page.url, page.url)
            check.equal("the commands of either see the same", a.json("tenant", "list"), b.json("tenant", "list"))

            # Taken away on one, gone on the other.
            second, second_visitor = people.owner_of(b, "umbra", "Umbra Ltd", "cat@umbra.example", "Cat Cole")
            umbra_client = people.make_client(b, "umbra")
            umbra = people.access_token(b, second_visitor, umbra_client, "umbra")["access_token"]
            api = people.API(a, "umbra", umbra)
            check.equal("a token of the other node is good here", api.ask("GET", "/collections").status, 200)
            b.run("account", "disable", second.identifier)
            within(check, "an account disabled on one is out of the other", until(lambda: api.ask("GET", "/collections").status == 401))

            # Load on both, one dies.
            writers = [Writer(api, 0, number) for number, api in enumerate([here, there] * 3)]
            for writer in writers:
                writer.start()
            time.sleep(1.5)
            a.kill()
            time.sleep(1.5)
            survivors = [writer for writer in writers if writer.api is there]
            before = sum(len(writer.acknowledged) for writer in survivors)
            check.that("the other goes on", until(lambda: sum(len(writer.acknowledged) for writer in survivors) > before) is not None)
            check.that("and is ready", ready(b) == 200)
            b.kill()
            for writer in writers:
                writer.join(30)
            b.start()
            a.start()
            acknowledged = [entry for writer in writers for entry in writer.acknowledged]
            refused = [answer for writer in writers for answer in writer.refused]
            check.that("both were under load", all(writer.acknowledged for writer in writers), [len(writer.acknowledged) for writer in writers])
            check.that("nothing was refused that should not be", not refused, refused[:2])
            listed, cursor = {}, None
            while True:
                page = there.ask("GET", "/collections/notes/records?limit=500" + (f"&cursor={cursor}" if cursor else ""))
                check.must("the records can be listed", page.status == 200, page) if page.status != 200 else None
                for record in records_of(page.json):
                    listed[record["id"]] = record["values"]["name"]
                cursor = page.json.get("next")
                if not cursor:
                    break
            lost = [name for record, name in acknowledged if listed.get(record) != name]
            check.that(f"of {len(acknowledged)} acknowledged records none is lost", not lost, lost[:5])
            for server in (a, b):
                verified = server.run("audit", "verify", check=False)
                check.that("every audit log verifies", verified.returncode == 0, verified.stderr + verified.stdout)

            # The database goes away, and comes back.
            control = f"{prefix}_control"
            # Two transactions: whoever reconnects at once must meet the closed door.
            postgres.administer(f"ALTER DATABASE {control} ALLOW_CONNECTIONS false")
            postgres.administer(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{control}'")
            gone = until(lambda: ready(a) == 503)
            check.that("without its database a node is not ready", gone is not None, ready(a))
            # What it heard last counts for a moment.
            within(check, "and answers nobody from memory", last_old(lambda: there.ask("GET", "/collections").status not in (401, 503)))
            postgres.administer(f"ALTER DATABASE {control} ALLOW_CONNECTIONS true")
            check.that("it comes back by itself", until(lambda: ready(a) == 200 and ready(b) == 200, 20) is not None, ready(a))
            check.equal("and answers", there.ask("GET", "/collections").status, 200)

            # A node that is not of this cluster.
            with Server("cluster-stranger") as stranger:
                stranger.stop()
                done = subprocess.run([str(executable()), "serve", "--data", str(stranger.folder / "other"), "--listen", "127.0.0.1:0",
                                       "--database", postgres.url(prefix), "--master-key", str(stranger.data / "master.key")],
                                      capture_output=True, text=True, timeout=60)
                check.that("a node with another master key does not start", done.returncode == 1 and "wrong master key" in done.stderr,
                           done.stderr[-400:])
            rotated = a.folder / "master-2.key"
            b.stop()
            b.options = [*b.options, "--master-key", str(rotated)]
            b.start()
            a.run("key", "rotate", "--to", str(rotated))
            check.equal("a rotation on one node is followed by the other",
                        until(lambda: b.json("key", "status")["master_key_version"] == 2) is not None, True)
            check.equal("which goes on serving", there.ask("GET", "/collections").status, 200)
