"""The customer's own copy: made, downloaded in the portal, opened with exactly the commands of the guide, and compared with what was entered."""

import json
import os
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

from lib import people
from lib.browser import Browser
from lib.server import Server
from test_browser import stand_for
from test_people import join
from test_restore import look as screenshots

SHIPS = "name,port,tons\nAlma,Kiel,12\nBore,Oslo,2048.5\nCato,Riga,\nDora,Gdansk,7\n"
GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/own-copy.md"


def commands(heading):
    """The lines of the shell blocks below a heading of the guide."""
    part = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", GUIDE.read_text(), re.M | re.S).group(1)
    return [line for block in re.findall(r"```sh\n(.*?)```", part, re.S) for line in block.splitlines()]


def typed(command, folder, answer):
    """Runs a command on a terminal of its own, and types `answer` when it asks."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvp("bash", ["bash", "-c", command])
    said, asked, deadline = b"", False, time.monotonic() + 120
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 1)
        if not ready:
            continue
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        said += piece
        if not asked and b"passphrase" in said.lower():
            os.write(terminal, answer.encode() + b"\n")
            asked = True
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said.decode(errors="replace")


def run(command, folder):
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=120)


def look(check, folder, label, ships):
    """Everything that the guide shows behind `age -d`."""
    sqlite = [line for line in commands("Open it") if line.startswith("sqlite3")]
    check.equal(f"{label}: the guide has its four commands", len(sqlite), 4)
    answers = [run(line, folder) for line in sqlite]
    for line, answer in zip(sqlite, answers):
        check.equal(f"{label}: {line}", (answer.returncode, answer.stderr), (0, ""))
    check.equal(f"{label}: SQLite's own check", answers[0].stdout.strip(), "ok")
    about = dict(line.split("|", 1) for line in answers[1].stdout.splitlines())
    check.equal(f"{label}: what it says of itself", (about["format"], about["format_version"], about["environment"], about["records"]),
                ("holdfast-own-copy", "1", "acme", str(len(ships))))
    check.that(f"{label}: the tables are named", "Ships" in answers[2].stdout or "ships" in answers[2].stdout, answers[2].stdout)
    lines = (folder / "ships.csv").read_text().splitlines()
    check.that(f"{label}: names of columns", lines[0].startswith("id,name,port,tons"), lines[0])
    check.equal(f"{label}: as many lines as records", len(lines) - 1, len(ships))
    database = sqlite3.connect(folder / "acme.db")
    found = database.execute("SELECT name, port, tons FROM ships ORDER BY name").fetchall()
    check.equal(f"{label}: every value is as it was entered", found, ships)
    counted = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("_deleted", "_history", "_members", "_audit")}
    check.equal(f"{label}: as many rows as it says", {name: str(count) for name, count in counted.items()},
                {"_deleted": about["deleted_records"], "_history": about["earlier_versions"], "_members": about["members"], "_audit": about["audit_entries"]})
    check.that(f"{label}: each entry of the log reads as JSON", all(json.loads(entry)["seq"] == number for number, entry in
                                                                  database.execute("SELECT number, entry FROM _audit")))
    database.close()


def test(check):
    """Made and downloaded in the portal, by the API and the command line; opened with age and sqlite3; sealed to a key; what is refused"""
    folder = Path(tempfile.mkdtemp(prefix="holdfast-own-copy-"))
    try:
        with Server("own-copy") as server:
            server.run("tenant", "create", "acme", "--name", "Acme Ltd", "--edition", "team", "--owner", "ann@acme.example")
            ships = server.folder / "ships.csv"
            ships.write_text(SHIPS)
            server.run("import", "acme", "ships", str(ships), "--create")
            check.equal("nothing was made by itself yet", server.json("own-copy", "list"), [])
            expected = [("Alma", "Kiel", 12), ("Bore", "Oslo", 2048.5), ("Cato", "Riga", None), ("Dora", "Gdansk", 7)]
            with Browser(server.certificate_authority) as browser:
                join(browser, server)
                portal(check, server, browser, folder, expected)
                # What was refused on purpose answers 422.
                odd = [c for c in browser.complaints if "favicon" not in c and "status of 422" not in c]
                check.that("no page complains", not odd, odd)
            command_line(check, server, folder, expected)
            results = {control["id"]: control for control in server.json("controls", "--check", timeout=300)}
            # No node looks into the disk of a database server.
            for control in ("BK-6", "LG-2") + (() if Server.database else ("DA-6",)):
                check.equal(f"{control} is kept on the running server", results[control]["state"], "pass")
            check.note(f"BK-6: {results['BK-6'].get('evidence')}")
            check.equal("the audit log verifies", server.run("audit", "verify", check=False).returncode, 0)
            check.equal("nothing is left of making them", [p for p in (server.data / "copying").rglob("*")], [])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def portal(check, server, browser, folder, expected):
    browser.go(server.url("acme", "/backups"))
    check.that("the page Backups leads there", browser.has("Your own copy"), browser.text[:400])
    browser.go(server.url("acme", "/backups/own-copies"))
    check.that("nothing is there yet", browser.has("There is none yet"), browser.text[:600])
    stand_for(browser, check, "own-copies-none")
    screenshots(browser, "own-copies-none")
    browser.click("Make one now")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        browser.go(server.url("acme", "/backups/own-copies"))
        if browser.has("4\u00a0records"):
            break
        time.sleep(0.5)
    check.that("one is there", browser.has("4\u00a0records") and browser.has("sealed when you download it"), browser.text[:600])
    screenshots(browser, "own-copies")
    browser.ask("[...document.querySelectorAll('a')].find(a => a.textContent === 'Download').click()")
    browser.wait("document.querySelector('#passphrase')", "the page of the file", 30)
    stand_for(browser, check, "own-copy")
    screenshots(browser, "own-copy")
    passphrase = browser.ask("document.querySelector('#passphrase').value")
    check.that("a passphrase is shown", re.fullmatch(r"([0-9a-z]{4}-){5}[0-9a-z]{4}", passphrase), passphrase)
    check.that("and the commands", browser.has("age -d -o acme-"), browser.text[-900:])
    # As the form does it: a cookie, a POST, and a file for an answer.
    fetched = browser.ask("""
        (async () => {
          const form = document.querySelector('form[action$="/file"]')
          const answer = await fetch(form.action, {method: 'POST', body: new URLSearchParams(new FormData(form))})
          const bytes = new Uint8Array(await answer.arrayBuffer())
          return JSON.stringify([answer.status, answer.headers.get('content-disposition'), [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')])
        })()""")
    status, name, digits = json.loads(fetched)
    check.that("it is a file to save", status == 200 and re.search(r'attachment; filename="acme-\d{4}-\d\d-\d\d\.db\.age"', name), (status, name))
    sealed = bytes.fromhex(digits)
    check.that("sealed in the age format, and nothing else is readable", sealed.startswith(b"age-encryption.org/v1\n-> scrypt ") and b"SQLite" not in sealed
               and b"Gdansk" not in sealed)
    (folder / "acme.db.age").write_bytes(sealed)
    opening = commands("Open it")[0]
    check.that("the guide opens it with age", opening.startswith("age -d "), opening)
    wrong = typed(opening, folder, "another one of the same length")
    check.that("another passphrase doesn't open it", wrong[0] != 0 and not (folder / "acme.db").exists(), wrong)
    right = typed(opening, folder, passphrase)
    check.equal("age opens it", right[0], 0)
    look(check, folder, "downloaded in the portal", expected)
    torn = folder / "torn"
    torn.mkdir()
    (torn / "acme.db.age").write_bytes(sealed[:-100])
    check.that("a file that was cut off is noticed", typed(opening, torn, passphrase)[0] != 0)

    browser.go(server.url("acme", "/backups/own-copies"))
    browser.fill("recipients", "age1nobody").click("Set")
    check.that("a recipient that is none is refused", browser.has("no age recipient"), browser.text[:900])


def command_line(check, server, folder, expected):
    by_passphrase = folder / "by-passphrase"
    by_key = folder / "by-key"
    by_passphrase.mkdir()
    by_key.mkdir()
    (listed,) = server.json("own-copy", "list", "acme")
    check.equal("it is listed", (listed["records"], listed["sealed_to"], listed["failure"]), (4, "environment", None))
    secret = folder / "passphrase"
    secret.write_text("too short\n")
    refused = server.run("own-copy", "fetch", "acme", "--output", str(by_passphrase / "acme.db.age"), "--passphrase-file", str(secret), check=False)
    check.that("too short a passphrase is refused, and nothing is written", refused.returncode == 2 and "16 characters" in refused.stderr
               and not list(by_passphrase.iterdir()), refused.stderr)
    fetched = server.json("own-copy", "fetch", "acme", "--output", str(by_passphrase / "acme.db.age"))
    check.equal("fetched by the command line", typed(commands("Open it")[0], by_passphrase, fetched["passphrase"])[0], 0)
    look(check, by_passphrase, "fetched by the command line", expected)

    make_key, _, opening = commands("Sealed to you alone")
    check.equal("the guide makes a key", run(make_key, by_key).returncode, 0)
    recipient = re.search(r"public key: (age1\w+)", (by_key / "key.txt").read_text()).group(1)
    wrong = server.run("own-copy", "recipients", "acme", "--set", recipient[:-1] + ("q" if recipient[-1] != "q" else "p"), check=False)
    check.that("a slip of the pen is noticed", wrong.returncode == 2 and "no age recipient" in wrong.stderr, wrong.stderr)
    check.equal("set", server.json("own-copy", "recipients", "acme", "--set", recipient)["recipients"], [recipient])
    made = server.json("own-copy", "make", "acme")
    check.equal("the next one is sealed to it", made["sealed_to"], "recipients")
    stored = [p.read_bytes() for p in server.data.rglob(f"*{made['id']}*") if p.is_file()]
    check.that("from the moment it is made", len(stored) == 1 and b"-> X25519 " in stored[0] and b"SQLite" not in stored[0], len(stored))
    server.run("own-copy", "fetch", "acme", "--output", str(by_key / "acme.db.age"))
    opened = run(opening, by_key)
    check.equal("the key opens it", (opened.returncode, opened.stderr), (0, ""))
    look(check, by_key, "sealed to a key", expected)
    other = server.run("own-copy", "fetch", "acme", "--output", str(folder / "x"), "--recipient", recipient, check=False)
    check.that("nobody seals it anew", other.returncode == 2 and "nobody here can open it" in other.stderr, other.stderr)
    server.run("own-copy", "recipients", "acme", "--none")

    gone = next(server.data.rglob(f"*{made['id']}*"))
    content = gone.read_bytes()
    gone.write_bytes(content[:-1])
    torn = server.run("own-copy", "fetch", "acme", "--output", str(folder / "x"), check=False)
    check.that("a torn file is not handed out", torn.returncode != 0 and "damaged" in torn.stderr and not (folder / "x").exists(), torn.stderr)
    gone.unlink()
    lost = server.run("own-copy", "fetch", "acme", "--output", str(folder / "x"), check=False)
    check.that("nor one that is missing", lost.returncode != 0 and "no longer there" in lost.stderr, lost.stderr)
    nobody = server.run("own-copy", "list", "nobody", check=False)
    check.equal("an environment that is none", nobody.returncode, 2)
    server.run("own-copy", "make", "acme")
