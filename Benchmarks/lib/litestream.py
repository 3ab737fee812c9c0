"""Litestream as a peer: the same rows in a plain SQLite file, shipped to a directory on the same disk."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

program = Path(sys.executable).parent / "litestream"
BODY = "0123456789abcdef" * 58
ROW = '{"name": "bolt", "price": 12}' * 8


def version():
    text = subprocess.run([program, "version"], capture_output=True, text=True).stdout.strip()
    return "Litestream " + text.removeprefix("v")


def connect(path):
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("PRAGMA wal_autocheckpoint=0")
    database.execute("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, sku TEXT NOT NULL, body TEXT NOT NULL) STRICT")
    return database


def fill(path, megabytes):
    database = connect(path)
    for start in range(0, megabytes * 1000, 2000):
        database.execute("BEGIN")
        database.executemany("INSERT INTO item (sku, body) VALUES (?, ?)", ((f"sku-{number}", BODY) for number in range(start, start + 2000)))
        database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def replica(folder):
    return f"file://{folder}/replica"


def full(folder):
    """Seconds for one whole copy."""
    began = time.monotonic()
    subprocess.run([program, "replicate", "-once", "-force-snapshot", f"{folder}/plain.db", replica(folder)], check=True, capture_output=True)
    return time.monotonic() - began


def restore(folder):
    target = Path(folder) / "restored-plain.db"
    target.unlink(missing_ok=True)
    began = time.monotonic()
    subprocess.run([program, "restore", "-o", str(target), replica(folder)], check=True, capture_output=True)
    subprocess.run(["sync", str(target)], check=True)
    took = time.monotonic() - began
    target.unlink()
    return took


class Shipping:
    """Litestream beside a database, until it is killed."""

    def __init__(self, path, folder):
        self.process = subprocess.Popen([program, "replicate", str(path), replica(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()


def commits(path, seconds):
    """Durable commits a second by one writer."""
    database = connect(path)
    began, count = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        database.execute("INSERT INTO item (sku, body) VALUES ('sku', ?)", (ROW,))
        count += 1
    took = time.monotonic() - began
    database.close()
    return count / took


# Run as a program: writes rows at a rate and says when each was durable, until it is killed.
WRITER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from lib import litestream
database = litestream.connect(sys.argv[2])
began, number = time.monotonic(), 0
while True:
    number += 1
    database.execute("INSERT INTO item (sku, body) VALUES ('sku', ?)", (litestream.ROW,))
    print(number, time.time(), flush=True)
    time.sleep(max(0, began + number / float(sys.argv[3]) - time.monotonic()))
"""


def rows(folder):
    target = Path(folder) / "restored-plain.db"
    target.unlink(missing_ok=True)
    found = subprocess.run([program, "restore", "-o", str(target), replica(folder)], capture_output=True)
    if found.returncode != 0:
        return 0
    database = sqlite3.connect(target)
    count = database.execute("SELECT count(*) FROM item").fetchone()[0]
    database.close()
    target.unlink()
    return count
