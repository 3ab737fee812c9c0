"""`serve --backup`: what was acknowledged comes back on a machine that has the archive and the keyring, and nothing else of the data."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from lib.checks import Skipped
from lib.server import Server, executable


def backup(*arguments):
    return subprocess.run([str(executable()), "backup", *arguments], capture_output=True, text=True, timeout=120)


def test(check):
    """Ships every commit; killed and started again; lists, verifies, restores; a server over restored files serves"""
    if Server.database:
        raise Skipped("PostgreSQL is backed up by its own means")
    elsewhere = Path(tempfile.mkdtemp(prefix="holdfast-backup-"))
    try:
        archive = elsewhere / "archive"
        with Server("backup", options=["--backup", str(archive)]) as server:
            server.run("tenant", "create", "acme", "--name", "Acme Ltd", "--edition", "team", "--region", "eu-north")
            server.kill()
            server.start()
            server.run("tenant", "create", "birch", "--name", "Birch Inc", "--edition", "team", "--region", "eu-north")
            tenants = sorted(tenant["slug"] for tenant in server.json("tenant", "list"))
            check.equal("two tenants are there", tenants, ["acme", "birch"])
            check.equal("it ends by SIGTERM", server.stop(), 0)

            listed = backup("list", "--archive", str(archive))
            names = sorted({line.split()[0] for line in listed.stdout.splitlines()[1:]})
            check.equal("three databases are kept", len(names), 3)
            check.equal("each in one generation", len(listed.stdout.splitlines()), 4)
            check.that("each with a base", " none" not in listed.stdout, listed.stdout)
            verified = backup("verify", "--archive", str(archive))
            check.equal("everything is sound", (verified.returncode, verified.stdout.count(" sound")), (0, 3))

            again = elsewhere / "again"
            shutil.copytree(server.data, again / "data", ignore=shutil.ignore_patterns("*.sock", "databases"))
            (again / "data" / "databases" / "environment").mkdir(parents=True)
            for name in names:
                target = again / "data" / "databases" / f"{name}.db"
                restored = backup("restore", name, "--archive", str(archive), "--out", str(target))
                check.equal(f"{name.split('/')[0]} is restored", restored.returncode, 0)
                check.that("encrypted as it was", not target.read_bytes().startswith(b"SQLite format 3"))
            twice = backup("restore", "control", "--archive", str(archive), "--out", str(again / "data" / "databases" / "control.db"))
            check.that("nothing is replaced", twice.returncode == 1 and "already" in twice.stderr, twice.stderr)
            early = backup("restore", "control", "--archive", str(archive), "--at", "2020-01-01T00:00:00Z", "--out", str(again / "early.db"))
            check.that("too early is said", early.returncode == 1 and "does not reach back" in early.stderr, early.stderr)
            wrong = backup("restore", "control", "--archive", str(archive), "--at", "yesterday", "--out", str(again / "early.db"))
            check.equal("a moment that is none is bad usage", wrong.returncode, 2)

            with Server("backup-restored", data=again) as restored:
                found = sorted(tenant["slug"] for tenant in restored.json("tenant", "list"))
                check.equal("a server over the restored files has both tenants", found, tenants)

            segment = sorted(path for path in archive.rglob("control/*/segments/*") if path.is_file())[-1]
            whole = bytearray(segment.read_bytes())
            whole[len(whole) // 2] ^= 1
            segment.write_bytes(whole)
            damaged = backup("verify", "--archive", str(archive))
            check.that("one changed bit is found", damaged.returncode == 1 and "NOT SOUND" in damaged.stdout, damaged.stdout)
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)
