"""The audit log, exported and checked without the server."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from lib import audit
from lib.objects import ObjectServer
from lib.server import Server, executable


def verify(path, *options):
    return subprocess.run([str(executable()), "audit", "verify", "--file", str(path), *map(str, options)], capture_output=True, text=True)


def offline(path, *options):
    return verify(path, *options).returncode


def sound(path):
    try:
        return audit.verify(path)
    except (audit.Unsound, ValueError, KeyError):
        return None


def test(check):
    """Exported logs verify offline, by our verifier and by a second one; altered ones don't"""
    with Server("audit") as server:
        server.run("tenant", "create", "acme", "--name", "Acme Ltd", "--environment", "sandbox", "--owner", "ann@acme.example")
        notes = server.folder / "notes.csv"
        notes.write_text("title\n" + "".join(f"note {number}\n" for number in range(300)))
        server.run("import", "acme", "notes", str(notes), "--create")
        verified = server.run("audit", "verify", check=False)
        check.that("all logs of the running server hold", verified.returncode == 0, verified.stdout + verified.stderr)
        events = {entry["event"] for entry in server.json("audit", "list", "--limit", "500")}
        check.that("commands are in the log", {"tenant_created", "environment_created", "invitation_sent"} <= events, events)
        files = []
        for log in ("platform", "acme"):
            path = server.folder / f"{log}.jsonl"
            server.run("audit", "export", log, "--output", str(path))
            files.append(path)
            check.equal(f"{log}: verifies offline", offline(path), 0)
            check.that(f"{log}: the second verifier agrees", sound(path) is not None)
        known_to_an_auditor(check, server, files[0])
        path = files[0]
        whole = path.read_bytes()
        check.that("no address of a person is in it", b"ann@acme" not in whole and b"Acme" not in whole)
        lines = whole.splitlines(keepends=True)
        first = next(number for number, line in enumerate(lines) if line.startswith(b'{"actor"'))
        other = path.with_suffix(".altered")
        alterations = {
            "an entry left out": lines[:first] + lines[first + 1:],
            "the last entry left out": lines[:-1],
            "two entries swapped": lines[:first] + [lines[first + 1], lines[first]] + lines[first + 2:],
            "one byte of an entry changed": lines[:first] + [lines[first].replace(b'"at":1', b'"at":2', 1)] + lines[first + 1:],
            "a checkpoint's root changed": [lines[0], lines[1].replace(b"\\n", b"\\nA", 2).replace(b"\\nA", b"\\n", 1)] + lines[2:],
            "the end cut off": lines[:-1] + [lines[-1][:-5]],
            "an entry put in": lines[:first] + [lines[first]] + lines[first:],
        }
        for what, altered in alterations.items():
            other.write_bytes(b"".join(altered))
            check.equal(f"{what}: noticed", offline(other), 1)
            check.that(f"{what}: noticed by the second verifier", sound(other) is None)
        published(check, server, files)
    elsewhere(check)


def published(check, server, exports):
    # The first round of every start signs and publishes all logs.
    server.stop()
    server.start()
    environment = next(e["id"] for e in server.json("environment", "list") if e["label"] == "acme")
    for name, export in zip(("control", environment), exports):
        folder = server.data / "objects" / "audit" / name
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (folder / "checkpoint").exists():
            time.sleep(0.1)
        check.must(f"{name}: is published", (folder / "checkpoint").exists(), list((server.data / "objects").rglob("*")))
        check.that(f"{name}: the tiles alone give the signed root, says the second verifier", audit.published(folder, export) > 0)
        check.equal(f"{name}: for its owner alone", oct((folder / "checkpoint").stat().st_mode & 0o777), "0o600")
    told = server.run("audit", "verify")
    check.that("the command says what is published", "of them published" in told.stdout, told.stdout)
    tile = next((folder / "tile" / "0").rglob("*[0-9]"))
    whole = tile.read_bytes()
    tile.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    told = server.run("audit", "verify", "acme", check=False)
    check.that("a changed tile is found", told.returncode == 1 and "published" in told.stdout, told.stdout + told.stderr)
    tile.write_bytes(whole)


def elsewhere(check):
    with ObjectServer() as objects, tempfile.TemporaryDirectory() as folder:
        with Server("audit-s3", options=objects.options(folder)) as server:
            verified, deadline = "", time.monotonic() + 30
            while "published" not in verified and time.monotonic() < deadline:
                time.sleep(0.2)
                verified = server.run("audit", "verify").stdout
            check.that("a log is published to S3", "published" in verified, verified)
            export = Path(folder) / "platform.jsonl"
            server.run("audit", "export", "platform", "--output", str(export))
            objects.download("one/audit/control", Path(folder) / "control")
            check.that("the second verifier agrees with what lies there", audit.published(Path(folder) / "control", export) > 0)
            check.that("nothing is published on the disk then", not (server.data / "objects").exists())
            check.that("the secret is in no log", objects.secret not in server.printed())
            objects.stop()
            told = server.run("audit", "verify", check=False)
            check.that("a store that is away is said, in words", told.returncode == 1 and "published tiles can't be read" in told.stderr, told.stderr)
            server.stop()
            server.start()
            check.that("and keeps no server from starting", server.answers())
    for options, words in (
        (["--objects", "s3://holdfast?region=eu-central-1"], "--objects-key-file"), (["--objects", "s3://holdfast"], "region"),
        (["--objects", "s3://holdfast?region=eu&endpoint=http://s3.example.com"], "this machine only"),
        (["--proxy-protocol"], "--trusted-proxy"), (["--drain", "-1"], "--drain"),
    ):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([str(executable()), "serve", "--data", folder, *options], capture_output=True, text=True, timeout=60)
            check.that(f"{' '.join(options)}: refused in words", done.returncode in (1, 2) and words in done.stderr, (done.returncode, done.stderr))


def known_to_an_auditor(check, server, path):
    """A key and a checkpoint kept elsewhere find out what a file by itself can't tell."""
    key, kept = server.folder / "platform.key", server.folder / "platform-checkpoint.txt"
    key.write_text(server.run("audit", "key", "platform").stdout)
    kept.write_text(server.run("audit", "checkpoint", "platform").stdout)
    # Later: the log goes on, if only by these commands.
    newer = server.folder / "platform-later.jsonl"
    server.run("audit", "export", "platform", "--output", str(newer))
    alone = verify(newer)
    check.that("without a key it says that it believed the file's own", alone.returncode == 0 and "from the file itself" in alone.stderr
               and key.read_text().strip() in alone.stderr, alone.stderr)
    for options in (("--key", key), ("--key", key.read_text().strip()), ("--checkpoint", kept), ("--key", key, "--checkpoint", kept)):
        done = verify(newer, *options)
        check.that(f"with {' and '.join(str(o) for o in options[::2])} it holds", done.returncode == 0 and "from the file itself" not in done.stderr,
                   done.stdout + done.stderr)

    # Somebody rewrites the log and signs it anew with a key of theirs, under the log's own name.
    forged = server.folder / "platform-forged.jsonl"
    lines = newer.read_bytes().splitlines()
    entries = [line for line in lines if line.startswith(b'{"actor"')]
    altered = [entries[0].replace(b'"at":1', b'"at":2', 1)] + entries[1:]
    forged.write_bytes(audit.signed_anew(json.loads(lines[0])["origin"], altered))
    check.equal("a forgery signed with another key agrees with itself", offline(forged), 0)
    check.that("and with the second verifier", sound(forged) is not None)
    for options in (("--key", key), ("--checkpoint", kept), ("--key", key, "--checkpoint", kept)):
        check.equal(f"{' and '.join(options[::2])}: the forgery is found", offline(forged, *options), 1)

    # The whole log is put back to what it was before the checkpoint, with its own key and its own old checkpoints.
    check.that("the log grew", audit.entries(path) < audit.entries(newer))
    check.equal("a log put back as a whole has the right key", offline(path, "--key", key), 0)
    check.equal("and is found by a checkpoint kept since", offline(path, "--checkpoint", kept), 1)
    check.equal("another log's key is not this one's", offline(path, "--key", server.run("audit", "key", "acme").stdout.strip()), 1)
    check.equal("rubbish is no key", offline(path, "--key", "acme+00+AA"), 2)
    check.equal("nor a checkpoint", offline(path, "--checkpoint", key), 2)
