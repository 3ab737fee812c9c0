"""The engine over PostgreSQL beside pgbench: the same statement, the same rows, the same server, by turns in one run."""

import json
import os
import re
import resource
import statistics
import subprocess
import tempfile
from pathlib import Path

from . import load
from .holdfast import databases, servers

# As a server is run: durable, and with room for these rows.
SETTINGS = ["fsync=on", "full_page_writes=on", "shared_buffers=256MB"]
READS = {
    "point": ("point read", "SELECT id, sku, body FROM item WHERE id = :id;\n"),
    "page": ("100 rows", "SELECT id, sku, body FROM item WHERE id > :id ORDER BY id LIMIT 100;\n"),
    "two": ("two point reads in one snapshot",
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\nSELECT id, sku, body FROM item WHERE id = :id;\n"
            "SELECT sku, body FROM item WHERE id = :id;\nCOMMIT;\n"),
}
WRITES = {"insert": ("durable insert", "INSERT INTO item (id, sku, body) VALUES (nextval('made'), 'new', '" + '{"name": "bolt", "price": 12}' * 8 + "');\n")}


class Turn:
    """What one side did in one turn: how much, in how many seconds, at how many of its own CPU seconds."""

    def __init__(self, count, seconds, cpu):
        self.rate = count / seconds
        self.cost = 1e6 * cpu / count if count else 0


class Comparison:
    def __init__(self, name, connections, unit, ours, theirs):
        self.name, self.connections, self.unit, self.ours, self.theirs = name, connections, unit, ours, theirs

    def of(self, side, what):
        return statistics.median(getattr(turn, what) for turn in side)


class Sides:
    """`with Sides() as sides:` starts a server, with rows in it."""

    program = servers.root / ".build" / os.environ.get("HOLDFAST_CONFIGURATION", "release") / "EngineBench"

    def __enter__(self):
        self.server = databases.PostgreSQL(*SETTINGS)
        self.ours = subprocess.Popen([self.program, "postgres=" + self.server.url("bench")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.database = self.ours.stdout.readline().strip()
        if not self.database:
            raise RuntimeError("EngineBench did not begin")
        for statement in ("VACUUM ANALYZE item", "CHECKPOINT"):
            self.server.administer(statement, self.database)
        return self

    def __exit__(self, *_):
        self.ours.stdin.close()
        self.ours.wait(30)
        self.server.stop()

    def our_turn(self, kind, connections, seconds):
        self.ours.stdin.write(f"{kind} {connections} {seconds}\n")
        self.ours.stdin.flush()
        found = json.loads(self.ours.stdout.readline())
        return Turn(found["count"], found["seconds"], found["cpu"])

    def their_turn(self, text, connections, seconds):
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(("\\set id random(1, 20000)\n" if ":id" in text else "") + text)
            script.flush()
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(
                ["pgbench", "-n", "-M", "prepared", "-f", script.name, "-c", str(connections), "-j", str(min(connections, os.cpu_count())),
                 "-T", str(seconds), "-h", self.server.folder, "-p", str(self.server.port), "-U", self.server.user, self.database],
                capture_output=True, text=True, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        count = int(re.search(r"transactions actually processed: (\d+)", done.stdout).group(1))
        rate = float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))
        return Turn(count, count / rate, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    def compare(self, kind, connections, seconds=3, turns=5):
        """By turns, so that what else the machine does meets both."""
        name, text = {**READS, **WRITES}[kind]
        ours, theirs = [], []
        for _ in range(turns):
            ours.append(self.our_turn(kind, connections, seconds))
            theirs.append(self.their_turn(text, connections, seconds))
        return Comparison(name, connections, "inserts/s" if kind in WRITES else "reads/s", ours, theirs)


class Served:
    """A Holdfast over a PostgreSQL of its own, in the place of one by itself."""

    def __init__(self, holdfast):
        self.server = databases.PostgreSQL(*SETTINGS)
        try:
            self.holdfast = holdfast(["--database", self.server.url("bench") + "&connections=40"])
        except BaseException:
            self.server.stop()
            raise

    def remove(self):
        try:
            self.holdfast.remove()
        finally:
            self.server.stop()

    def cpu_seconds(self):
        """Of all the database server's processes there are now."""
        folder, total = str(Path(self.server.folder) / "data"), 0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(process / "cwd") == folder:
                    total += load.cpu_seconds(process.name)
            except OSError:
                # Ended meanwhile.
                continue
        return total


def version():
    found = re.search(r"[\d.]+", subprocess.run(["pgbench", "--version"], capture_output=True, text=True).stdout)
    return f"pgbench {found.group(0)}" if found else "pgbench"
