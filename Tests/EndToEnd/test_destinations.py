"""Several places keep backups at once: a disk that confirms, S3, and an account by SFTP where nothing can be deleted. Each alone is enough."""

import hashlib
import json
import shutil
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

from lib.checks import Skipped
from lib.objects import ObjectServer
from lib.server import Server, executable
from lib.ssh import SSHServer

PROMISES = ("BK-2", "BK-3", "BK-4", "BK-5", "BK-10", "DA-6")


def states(server, promises=PROMISES):
    results = server.json("controls", *promises, "--check", timeout=300)
    return {control["id"]: (control["state"], control["evidence"].get("summary", "")) for control in results if control["id"] in promises}


def until(holds, limit=30):
    end = time.monotonic() + limit
    while not holds() and time.monotonic() < end:
        time.sleep(0.2)
    return holds()


def databases(archive):
    listed = subprocess.run([str(executable()), "backup", "list", "--archive", str(archive)], capture_output=True, text=True, timeout=120)
    return {line.split()[0]: line for line in listed.stdout.splitlines()[1:]}


def newest(archive, name, out):
    """The digest of the newest state that an archive gives back, or why it gives none. Each place notes its own moment of a commit: bytes are compared."""
    done = subprocess.run([str(executable()), "backup", "restore", name, "--archive", str(archive), "--out", str(out)],
                          capture_output=True, text=True, timeout=120)
    return hashlib.sha256(out.read_bytes()).hexdigest() if done.returncode == 0 else done.stderr


def bad_usage(check, folder):
    for text, words in (("s3://b,x", "S3"), (f"{folder},region=mars", "no region"), (f"{folder},what", "none of"), ("sftp://u@h/p", "known-hosts"),
                        ("ftp://h/p", "takes a directory"), (",confirms", "place before")):
        done = subprocess.run([str(executable()), "serve", "--data", f"{folder}/never", "--listen", "127.0.0.1:0", "--backup", text],
                              capture_output=True, text=True, timeout=60)
        check.that(f"--backup {text.replace(str(folder), 'DIR')}: exit 2, and why", done.returncode == 2 and (words in done.stderr or "--backup" in done.stderr), done.stderr[-300:])
    twice = subprocess.run([str(executable()), "serve", "--data", f"{folder}/never", "--listen", "127.0.0.1:0", "--backup", f"{folder}/a", "--backup", f"{folder}/a"],
                           capture_output=True, text=True, timeout=60)
    check.that("one place twice: exit 2", twice.returncode == 2 and "twice" in twice.stderr, twice.stderr[-300:])


def test(check):
    """Three places of three kinds: every promise of backups is kept, and each place alone restores the newest commit"""
    if Server.database:
        raise Skipped("PostgreSQL is backed up by its own means")
    if not SSHServer.installed:
        raise Skipped("there is no SSH server here")
    folder = Path(tempfile.mkdtemp(prefix="holdfast-places-"))
    try:
        bad_usage(check, folder)
        with ObjectServer() as objects, SSHServer(append_only=True) as vault:
            key = folder / "s3-key"
            key.touch(mode=0o600)
            key.write_text(f"{objects.key}\n{objects.secret}\n")
            query = urllib.parse.urlencode({"endpoint": objects.endpoint, "region": "eu-central-1"})
            options = [
                "--backup", f"{folder}/disk,confirms",
                "--backup", f"s3://holdfast/kept?{query},region=eu-west,key-file={key}",
                "--backup", f"{vault.address},append-only,region=eu-north,key-file={vault.key},known-hosts={vault.known_hosts}",
            ]
            with Server("destinations", options=options) as server:
                server.run("tenant", "create", "acme", "--name", "Acme Ltd", "--edition", "enterprise", "--region", "eu-north")
                server.run("tenant", "create", "delta", "--name", "Delta Inc", "--edition", "team", "--region", "us-east")
                rows = folder / "rows.csv"
                rows.write_text("name,code\n" + "".join(f"Row {number},{number}\n" for number in range(500)))
                server.run("import", "acme", "things", str(rows), "--create")

                def kept():
                    found = states(server)
                    return all(state == "pass" for state, _ in found.values())
                until(kept, 60)
                for name, (state, words) in sorted(states(server).items()):
                    check.that(f"{name}: {words}", state == "pass", (state, words))
                server.json("backup", "bundle", "--out", str(folder / "bundle.tar"), "--needed", "1", "--holder", "anna")
                server.stop()
                s3 = folder / "from-s3"
                objects.download("kept/", s3)
                places = {"disk": folder / "disk", "s3": s3, "sftp": vault.files}
                listed = {place: databases(archive) for place, archive in places.items()}
                check.equal("the disk has three databases", len(listed["disk"]), 3)
                check.equal("what belongs to another region is at neither of the other two", (sorted(listed["s3"]), len(listed["sftp"])), (sorted(listed["sftp"]), 2))
                for name in listed["s3"]:
                    found = {place: newest(archive, name, folder / f"{place}-{name.replace('/', '-')}.db") for place, archive in places.items()}
                    check.that(f"{name.split('/')[0]}: each place alone restores the newest commit", len(set(found.values())) == 1 and all(len(digest) == 64 for digest in found.values()), found)
                for place, archive in places.items():
                    verified = subprocess.run([str(executable()), "backup", "verify", "--archive", str(archive)], capture_output=True, text=True, timeout=120)
                    check.equal(f"{place}: everything is sound", verified.returncode, 0)

                # What belongs to another region isn't there, and is named.
                (share,) = folder.glob("*.share")
                for place, option in (("s3", options[3]), ("sftp", options[5])):
                    done = subprocess.run([str(executable()), "recover", "--bundle", str(folder / "bundle.tar"), "--share", str(share), "--archive", option,
                                           "--data", str(folder / f"again-{place}"), "--json"], capture_output=True, text=True, timeout=300)
                    check.must(f"{place}: an empty machine is rebuilt from there", done.returncode == 1 and done.stdout, done.stderr[-600:])
                    report = json.loads(done.stdout)
                    check.equal("all but the one that may not be there", (len(report["databases"]), [one["label"] for one in report["missing"]]), (2, ["delta"]))

                # A place that is away keeps nobody from working, and is said.
                objects.stop()
                server.start()
                server.run("import", "acme", "things", str(rows))
                check.that("a place that is away breaks its promise", until(lambda: states(server, ["BK-4"])["BK-4"][0] == "fail", 60))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
