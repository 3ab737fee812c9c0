"""Backups: the program's own steps beside Litestream's, on the same disk, by turns."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import litestream

# Of the measurement of many that ship at once.
DATABASES = int(os.environ.get("HOLDFAST_BENCH_DATABASES", 10_000))


def killed(command, count_of, *, ship=None, seconds=3.0):
    """Kills a writer and whoever ships for it at the same moment. What was acknowledged and isn't in the archive: rows, and seconds of them."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        shipping = None
        if ship:
            process.stdout.readline()
            shipping = ship()
        time.sleep(seconds)
        process.kill()
        if shipping:
            shipping.kill()
        lines = [line.split() for line in process.stdout.read().splitlines() if len(line.split()) == 2]
    acknowledged = {int(number): float(at) for number, at in lines}
    newest, kept = max(acknowledged), count_of()
    lost = max(0, newest - kept)
    return lost, (acknowledged[newest] - acknowledged[max(kept, min(acknowledged))] if lost else 0.0)


def measures(program, megabytes, note):
    def step(*words):
        out = subprocess.run([program, *map(str, words)], check=True, capture_output=True, text=True).stdout
        return [json.loads(line) for line in out.splitlines()]

    peer = litestream.version()
    folder = Path(tempfile.mkdtemp(prefix="backup-bench-"))
    try:
        step("backup-fill", folder, megabytes)
        litestream.fill(folder / "plain.db", megabytes)
        size = (folder / "plain.db").stat().st_size / 1e6
        ours, theirs, back, their_back = [], [], [], []
        for _ in range(3):
            for rubbish in ("objects", "replica", ".plain.db-litestream"):
                shutil.rmtree(folder / rubbish, ignore_errors=True)
            subprocess.run(["sync"], check=True)
            ours.append(step("backup-base", folder)[0])
            subprocess.run(["sync"], check=True)
            theirs.append(size / litestream.full(folder))
            subprocess.run(["sync"], check=True)
            back.append(step("backup-restore", folder)[0])
            subprocess.run(["sync"], check=True)
            their_back.append(size / litestream.restore(folder))
        for name, found, other in (("full", ours, theirs), ("restore", back, their_back)):
            middle = sorted(found, key=lambda one: one["value"])[1]
            note(f"backup: {name}, {megabytes} MB", middle["value"], "MB/s", peer, statistics.median(other),
                 f"the middle one of 3, by turns; ours encrypted, hashed and synced; {middle['remark']}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    for measure in step("backup-cost"):
        note(measure["name"], measure["value"], measure["unit"], remark=measure["remark"])
    with_it, without = [], []
    for number in range(18):
        folder = Path(tempfile.mkdtemp(prefix="backup-bench-"))
        try:
            litestream.connect(folder / "plain.db").close()
            shipping = litestream.Shipping(folder / "plain.db", folder) if number % 2 else None
            time.sleep(1)
            (with_it if shipping else without).append(litestream.commits(folder / "plain.db", 2))
            if shipping:
                shipping.kill()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    with_it, without = statistics.median(with_it), statistics.median(without)
    note("backup: commits while Litestream ships, 1 writer", with_it, "commits/s",
         remark=f"{without:.0f} without, {100 * (1 - with_it / without):.1f} % less; the middle one of 9 each, by turns")

    lost, lost_confirmed, their_lost = [], [], []
    for _ in range(5):
        for kind in ("ours", "confirmed", "theirs"):
            folder = Path(tempfile.mkdtemp(prefix="backup-bench-"))
            try:
                if kind == "theirs":
                    command = [sys.executable, "-c", litestream.WRITER, str(Path(__file__).resolve().parents[1]), str(folder / "plain.db"), "500"]
                    their_lost.append(killed(command, lambda: litestream.rows(folder), ship=lambda: litestream.Shipping(folder / "plain.db", folder)))
                else:
                    command = [program, "backup-writer", str(folder), "500"] + (["confirm"] if kind == "confirmed" else [])
                    (lost if kind == "ours" else lost_confirmed).append(killed(command, lambda: int(step("backup-newest", folder)[0]["value"])))
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    worst = max(seconds for _, seconds in their_lost)
    note("backup: lost with the machine, 500 commits/s", 1000 * max(seconds for _, seconds in lost), "ms", peer, 1000 * worst,
         f"the most of 5; {max(rows for rows, _ in lost)} rows against {max(rows for rows, _ in their_lost)}")
    note("backup: the same in synchronous mode", 1000 * max(seconds for _, seconds in lost_confirmed), "ms",
         remark=f"the most of 5; {max(rows for rows, _ in lost_confirmed)} rows")

    for words in (("backup-history",), ("backup-many", DATABASES)):
        for measure in step(*words):
            note(measure["name"], measure["value"], measure["unit"], remark=measure["remark"])
