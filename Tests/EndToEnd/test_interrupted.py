"""kill -9 in the middle of going back and of leaving: everything is as before, or all of it is done; and the same command finishes it."""

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from lib.checks import Skipped
from lib.server import Server, executable

ROWS = 1500


def killed_while(server, delay, *arguments):
    """Whether the server was killed before it had answered."""
    running = subprocess.Popen([str(executable()), *arguments, "--data", str(server.data)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        running.wait(delay)
    except subprocess.TimeoutExpired:
        pass
    server.kill()
    running.communicate(timeout=30)
    server.start()
    return running.returncode != 0


def codes(server):
    return sorted(json.loads(line)["code"] for line in server.run("export", "acme", "parts", "--format", "jsonl").stdout.splitlines())


def parts(server, first, *options):
    rows = server.folder / "parts.csv"
    rows.write_text("name,code\n" + "".join(f"Part {number},{number}\n" for number in range(first, first + ROWS)))
    server.run("import", "acme", "parts", str(rows), *options)


def back(check, server):
    parts(server, 0, "--create")
    before = codes(server)
    # Two changes with a second between them that is whole.
    time.sleep(1.1)
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    time.sleep(1.1)
    parts(server, ROWS)
    after = codes(server)
    check.equal("twice as many", (len(before), len(after)), (ROWS, 2 * ROWS))
    order = ("restore", "acme", "--at", moment, "--in-place")
    cut = 0
    for delay in (0.1, 0.3, 0.6, 1.0, 1.5):
        cut += killed_while(server, delay, *order)
        found = codes(server)
        check.that(f"killed after {delay} s: nothing of it is there, or all", found in (before, after), (len(found), delay))
        if found == before:
            break
    check.that("it was killed in the middle", cut > 0, cut)
    if codes(server) == after:
        # What was under way is given up at the start, so that it keeps nobody from trying again.
        done = server.json(*order)
        check.equal("the same command brings it back", (done["state"], codes(server) == before), ("succeeded", True))
    cut = 0
    for delay in (0.1, 0.4, 0.8):
        cut += killed_while(server, delay, "restore", "acme", "--at", moment, "--beside", f"copy{int(delay * 10)}")
        labels = [environment["label"] for environment in server.json("environment", "list", "acme")]
        if len(labels) > 1:
            break
    check.that("a copy beside was cut off as well", cut > 0, cut)
    if len(labels) == 1:
        copy = server.json("restore", "acme", "--at", moment, "--beside", "copy")
        check.that("and is made whole by the same command", copy["copy"] and copy["records"] >= ROWS, copy)
    left = [path for path in (server.data / "restoring").rglob("*") if path.is_file()]
    check.equal("nothing is left lying about", left, [])


def leaving(check, server, archive):
    ids = [environment["id"] for environment in server.json("environment", "list", "acme")]
    server.run("tenant", "offboard", "acme", "--on", "2020-01-01", "--reason", "contract ended")
    for delay in (0.02, 0.05, 0.1, 0.2, 0.4):
        killed_while(server, delay, "tenant", "leaving", "--now")
    (state,) = server.json("tenant", "leaving", "--now")
    check.equal("killed again and again, in the end it is gone", (state["stage"], state["waiting"]), ("gone", []))
    left = [path for path in [*server.data.rglob("*"), *archive.rglob("*")] if path.is_file() and any(one in str(path) for one in ids)]
    check.that("with everything", left and all("gone" in path.parts or path.name.startswith("tombstone-") for path in left), left)
    key, certificate = server.folder / "platform.key", server.folder / "acme.certificate"
    key.write_text(server.run("audit", "key", "platform").stdout)
    server.run("tenant", "certificate", "show", "acme", "--output", str(certificate))
    verified = subprocess.run([str(executable()), "tenant", "certificate", "verify", str(certificate), "--key", str(key)],
                              capture_output=True, text=True, timeout=60)
    check.equal("and its certificate verifies", verified.returncode, 0)
    check.equal("the neighbour is untouched", len(server.json("environment", "list", "birch")), 1)


def test(check):
    """kill -9 in the middle of a restore, of a copy beside, and of a customer's leaving"""
    if Server.database:
        raise Skipped("backups are shipped of databases in files")
    archive = Path(tempfile.mkdtemp(prefix="holdfast-interrupted-"))
    try:
        with Server("interrupted", options=["--backup", str(archive)]) as server:
            server.run("tenant", "create", "acme", "--name", "Acme Ltd", "--edition", "team")
            server.run("tenant", "create", "birch", "--name", "Birch Inc")
            back(check, server)
            leaving(check, server, archive)
            check.equal("every log verifies", server.run("audit", "verify", check=False).returncode, 0)
    finally:
        shutil.rmtree(archive, ignore_errors=True)
