"""`serve --pgbackrest`: a PostgreSQL server backed up whole, and one of its tenants brought back alone while the other is not touched."""

import csv
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from lib.checks import Skipped
from lib.database import PostgreSQL
from lib.server import Server, executable

CANARY = "canary-umber-5c81f0"
SHIPS = "name,port\nAlma,Kiel\nBore,Oslo\n"
# PostgreSQL refuses to run as root, and a restore starts one.
USER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []


class Ordinary(Server):
    """Run by an ordinary user, as a service is."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        own(self.folder)

    def command(self):
        return [*USER, *super().command()]


def own(folder):
    if USER:
        shutil.chown(folder, "postgres", "postgres")


def pgbackrest(configuration, *words, check=True):
    done = subprocess.run([*USER, "pgbackrest", f"--config={configuration}", "--stanza=main", *words], capture_output=True, text=True, cwd="/")
    if check and done.returncode != 0:
        raise RuntimeError(f"pgbackrest {' '.join(words)}: {done.stdout}{done.stderr}")
    return done


def configure(folder, postgres, name="pgbackrest.conf", passphrase=None, encrypted=True):
    path = folder / name
    for part in ("repo", "log", "lock"):
        (folder / part).mkdir(exist_ok=True)
        own(folder / part)
    cipher = f"repo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass={passphrase}\n" if encrypted else ""
    path.write_text(f"""[global]
repo1-path={folder}/repo
{cipher}repo1-retention-full-type=time
repo1-retention-full=35
log-path={folder}/log
lock-path={folder}/lock
compress-type=lz4
process-max=4
start-fast=y

[main]
pg1-path={postgres.folder}/data
pg1-port={postgres.port}
pg1-socket-path={postgres.folder}
pg1-user=postgres
""")
    path.chmod(0o600)
    own(path)
    return path


def until(what, condition, wait=90):
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.25)
    raise RuntimeError(f"not within {wait} s: {what}")


def now():
    """A moment between two changes."""
    time.sleep(0.2)
    moment = datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
    time.sleep(0.2)
    return moment


def names(server, label):
    rows = csv.DictReader(io.StringIO(server.run("export", label, "ships", "--format", "csv").stdout))
    return sorted(row["name"] for row in rows)


def digest(postgres, database):
    """Of everything in a database but what the platform signs by itself."""
    done = subprocess.run(["pg_dump", "-h", postgres.folder, "-p", str(postgres.port), "-U", "postgres", "--exclude-table=audit_checkpoint", "--exclude-table=commit_position", database],
                          capture_output=True, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def refused(check, what, options, *words, user=USER):
    with tempfile.TemporaryDirectory() as folder:
        own(folder)
        done = subprocess.run([*user, str(executable()), "serve", "--data", f"{folder}/data", "--listen", "127.0.0.1:0", *options],
                              capture_output=True, text=True, timeout=60, cwd="/")
        check.that(f"{what}: exit 2 and says so", done.returncode == 2 and all(word in done.stderr for word in words),
                   (done.returncode, done.stderr[-500:]))


def test(check):
    """A cluster backed up by the leader; one tenant back beside and in place, undone; the other untouched; what is wrong is said"""
    if Server.database:
        raise Skipped("starts a PostgreSQL server of its own")
    folder = Path(tempfile.mkdtemp(prefix="holdfast-pgb-", dir=roomy()))
    folder.chmod(0o755)
    usual = os.environ.get("HOLDFAST_EXECUTABLE")
    try:
        make_reachable(folder)
        configuration = folder / "pgbackrest.conf"
        archiving = f"archive_command=pgbackrest --config={configuration} --stanza=main archive-push %p"
        with PostgreSQL("wal_level=replica", "max_wal_senders=4", "archive_mode=on", "full_page_writes=on", "archive_timeout=60", archiving) as postgres:
            passphrase = secrets.token_hex(24)
            configure(folder, postgres, passphrase=passphrase)
            database = postgres.url("holdfast")
            told = ["--database", database, "--pgbackrest"]
            refused(check, "no such file", [*told, "/nonexistent.conf"], "/nonexistent.conf")
            refused(check, "no stanza", [*told, f"{configuration},stanza=other"], "no stanza 'other'", "stanza-create")
            pgbackrest(configuration, "stanza-create")
            wrong = configure(folder, postgres, "wrong.conf", passphrase="another one altogether")
            refused(check, "a wrong passphrase", [*told, f"{wrong},stanza=main"], "passphrase is another one")
            refused(check, "a file that everybody may read", [*told, str(open_to_all(folder, configuration))], "everybody may read")
            refused(check, "without --database", ["--pgbackrest", str(configuration)], "--database")
            if USER:
                refused(check, "as root", [*told, str(configuration)], "root", user=[])
            with Ordinary("pgbackrest", data=data(folder), options=[*told, f"{configuration}"]) as server:
                serve(check, server, postgres, configuration, folder)
                check.that("no passphrase is in the log", passphrase not in server.printed())
                check.equal("it ends by SIGTERM, whatever drill it is at", server.stop(), 0)
                check.equal("nothing that was restored is left", list((server.data / "restoring").glob("*")), [])
    finally:
        if usual:
            os.environ["HOLDFAST_EXECUTABLE"] = usual
        else:
            os.environ.pop("HOLDFAST_EXECUTABLE", None)
        shutil.rmtree(folder, ignore_errors=True)


def make_reachable(folder):
    """Below root's home nobody else gets at the executable."""
    if USER and subprocess.run([*USER, "test", "-x", str(executable())]).returncode != 0:
        shutil.copy(executable(), folder / "holdfast")
        (folder / "holdfast").chmod(0o755)
        os.environ["HOLDFAST_EXECUTABLE"] = str(folder / "holdfast")


def roomy():
    """A restore syncs some thousand files: in memory where there is room."""
    return "/dev/shm" if os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 2 << 30 else None


def data(folder):
    path = folder / "server"
    path.mkdir()
    return path


def open_to_all(folder, configuration):
    path = folder / "open.conf"
    path.write_text(configuration.read_text())
    path.chmod(0o644)
    return path


def serve(check, server, postgres, configuration, folder):
    ships = folder / "ships.csv"
    ships.write_text(SHIPS.replace("Kiel", CANARY))
    for slug in ("acme", "zenith"):
        server.run("tenant", "create", slug, "--name", slug.title(), "--edition", "team")
        server.run("import", slug, "ships", str(ships), "--create")

    def backups():
        return json.loads(pgbackrest(configuration, "info", "--output=json").stdout)[0]["backup"]

    first = until("the first backup by the node that leads", backups)
    check.equal("the node that leads takes a full backup by itself", first[0]["type"], "full")
    listed = subprocess.run([*USER, str(executable()), "backup", "list", "--pgbackrest", str(configuration)], capture_output=True, text=True, cwd="/")
    check.that("and the command line lists it", first[0]["label"] in listed.stdout and "full" in listed.stdout, (listed.stdout, listed.stderr))
    # pgBackRest knows seconds: what it took is whole from the next one on.
    until("a moment behind the backup", lambda: time.time() > first[0]["timestamp"]["stop"] + 1.2)

    more = folder / "more.csv"
    more.write_text("name,port\nCato,Riga\n")
    server.run("import", "acme", "ships", str(more))
    moment = now()
    more.write_text("name,port\nDora,Gdansk\nEnno,Turku\n")
    for slug in ("acme", "zenith"):
        server.run("import", slug, "ships", str(more))
    then, changed = ["Alma", "Bore", "Cato"], ["Alma", "Bore", "Cato", "Dora", "Enno"]
    check.equal("acme was changed since", names(server, "acme"), changed)
    ids = {e["label"]: e["id"] for slug in ("acme", "zenith") for e in server.json("environment", "list", slug)}
    zenith = postgres.administer(f"SELECT datname FROM pg_database WHERE starts_with(datname, 'holdfast_env_') AND datname LIKE '%{ids['zenith'].lower().replace('-', '')}'")
    before = digest(postgres, zenith)

    done = server.json("restore", "acme", "--at", moment, "--beside", "before")
    check.that("a copy beside", done["state"] == "succeeded" and done["copy"] == "acme-before", done)
    check.note(f"a copy beside took {done['milliseconds']} ms")
    check.equal("as it was then", names(server, "acme-before"), then)
    check.equal("and nothing else changed", names(server, "acme"), changed)

    done = server.json("restore", "acme", "--at", moment, "--in-place")
    check.that("in place", done["state"] == "succeeded" and done["undo"] and done["place"] == "pgbackrest:main", done)
    check.note(f"in place took {done['milliseconds']} ms, writers waited {done['pause_milliseconds']} ms")
    check.equal("it is as it was", names(server, "acme"), then)
    undone = server.json("restore", "acme", "--commit", done["undo"], "--place", done["place"], "--in-place")
    check.equal("undone", (undone["state"], names(server, "acme")), ("succeeded", changed))
    check.equal("the other tenant's database is what it was, to the byte", digest(postgres, zenith), before)

    drill = server.json("backup", "drill", "acme")
    check.that("a drill passes", drill["passed"] and drill["bytes"] > 0, drill)
    check.note(f"drill: back within {drill['restore_ms']} ms, {drill['exposure_ms']} ms of work exposed")
    check.equal("the audit log verifies", server.run("audit", "verify", check=False).returncode, 0)

    found = subprocess.run(["grep", "-rlF", "-e", CANARY, "-e", "Gdansk", str(folder / "repo")], capture_output=True, text=True).stdout
    check.equal("nothing in the repository can be read", found, "")

    results = {control["id"]: control for control in server.json("controls", "--check", timeout=300)}
    for control in ("BK-1", "BK-2", "BK-3", "BK-7", "BK-8", "LG-3"):
        check.equal(f"{control} is kept", results[control]["state"], "pass")
        check.note(f"{control}: {results[control].get('evidence')}")
    for control in ("BK-4", "BK-5", "BK-9", "BK-10"):
        check.equal(f"{control} is not claimed", results[control]["state"], "unknown")

    early = server.run("restore", "acme", "--at", "2020-01-01T00:00:00Z", "--in-place", check=False)
    check.that("too early is said", early.returncode != 0 and "don't go back that far" in early.stderr, early.stderr)
    moment = now()
    server.run("import", "acme", "ships", str(ships))
    newest = postgres.administer("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
    for _ in range(2):
        pgbackrest(configuration, "check")
    gone = [path for path in (folder / "repo").rglob(f"{newest}-*")]
    check.equal("the piece of the log with that moment is in the repository", len(gone), 1)
    for path in gone:
        path.unlink()
    checked = subprocess.run([*USER, str(executable()), "backup", "verify", "--pgbackrest", str(configuration)], capture_output=True, text=True, cwd="/")
    check.that("verify finds a piece of the log that is missing", checked.returncode == 1 and "missing after" in checked.stdout, (checked.stdout, checked.stderr))
    lost = server.run("restore", "acme", "--at", moment, "--in-place", check=False)
    check.that("a piece of the log that is missing is said", lost.returncode == 1 and "log is missing" in lost.stderr and re.search("[0-9A-F]{24}", lost.stderr), lost.stderr)

    # What is in backups of all databases together goes when they expire, and nothing is certified before.
    server.run("tenant", "offboard", "zenith", "--on", "2020-01-01", "--reason", "contract ended")
    (state,) = server.json("tenant", "leaving", "--now")
    check.that("a customer who leaves is waited for in the repository", state["stage"] == "destroying" and "pgbackrest:main" in "".join(state["waiting"]), state)
    check.equal("its database is gone", postgres.administer(f"SELECT count(*) FROM pg_database WHERE datname = '{zenith}'"), "0")
    # pgBackRest knows seconds: a backup of the same one may be from before.
    gone = time.time()
    until("the next second", lambda: time.time() > gone + 1.2)
    pgbackrest(configuration, "backup", "--type=full")
    for label in [backup["label"] for backup in backups() if backup["type"] == "full"][:-1]:
        pgbackrest(configuration, "expire", f"--set={label}")
    (state,) = server.json("tenant", "leaving", "--now")
    check.equal("and certified when the last backup from before has expired", (state["stage"], state["waiting"]), ("gone", []))
