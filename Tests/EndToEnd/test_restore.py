"""Going back in time: a customer changes and deletes records, compares, brings them back in place, undoes it, and looks at a copy beside."""

import shutil
import tempfile
import time
from pathlib import Path

from lib.browser import Browser
from lib.checks import Skipped
from lib.server import Server
from test_browser import stand_for
from test_people import join

SHIPS = "name,port\nAlma,Kiel\nBore,Oslo\nCato,Riga\nDora,Gdansk\n"


def look(browser, name):
    browser.looks(name, "restore")


def names(browser, server, label="acme"):
    browser.go(server.url(label, "/collections/ships?sort=name"))
    return browser.ask("[...document.querySelectorAll('table tbody tr')].map(r => r.innerText.split(/\\s+/)[0])")


def record(browser, server, name):
    browser.go(server.url("acme", "/collections/ships"))
    return browser.ask(f"(e => new URL(e).pathname)([...document.querySelectorAll('table tbody a')].find(a => a.innerText.trim() === {name!r}).href)")


def now(browser):
    """A moment between two changes, as the page's clock has it."""
    time.sleep(0.3)
    moment = browser.ask("new Date().toISOString()")
    time.sleep(0.3)
    return moment


def finished(browser):
    browser.wait("!document.querySelector('[data-events]') && document.querySelector('.pill.good, .pill.bad')", "the end of the restore", 60)
    browser.settle()


def test(check):
    """Changes, a comparison, back in place, undone, a copy beside; a drill; what is refused"""
    if Server.database:
        raise Skipped("PostgreSQL is backed up by its own means")
    elsewhere = Path(tempfile.mkdtemp(prefix="holdfast-restore-"))
    try:
        with Server("restore", options=["--backup", str(elsewhere / "archive")]) as server:
            server.run("tenant", "create", "acme", "--name", "Acme Ltd", "--edition", "team", "--owner", "ann@acme.example")
            ships = server.folder / "ships.csv"
            ships.write_text(SHIPS)
            server.run("import", "acme", "ships", str(ships), "--create")
            with Browser(server.certificate_authority) as browser:
                join(browser, server)
                restore(check, server, browser)
                odd = [c for c in browser.complaints if "favicon" not in c]
                check.that("no page complains", not odd, odd)
            command_line(check, server)
            check.equal("the audit log verifies", server.run("audit", "verify", check=False).returncode, 0)
            results = {control["id"]: control for control in server.json("controls", "--check", timeout=300)}
            for control in ("BK-1", "BK-7", "BK-8", "LG-3"):
                check.equal(f"{control} is kept on the running server", results[control]["state"], "pass")
                check.note(f"{control}: {results[control].get('evidence')}")
        with Server("restore-off") as server:
            server.run("tenant", "create", "acme", "--name", "Acme Ltd", "--owner", "ann@acme.example")
            refused = server.run("restore", "acme", "--at", "2026-01-01T00:00:00Z", "--in-place", check=False)
            check.that("without --backup it says so", refused.returncode == 2 and "--backup" in refused.stderr, refused.stderr)
            with Browser(server.certificate_authority) as browser:
                join(browser, server)
                browser.go(server.url("acme", "/backups"))
                check.that("and so does the page", browser.has("Nothing is backed up here") and browser.has("--backup"), browser.text[:400])
                look(browser, "backups-off")
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)


def restore(check, server, browser):
    before = now(browser)
    check.equal("four ships", names(browser, server), ["Alma", "Bore", "Cato", "Dora"])
    browser.go(server.url("acme", record(browser, server, "Alma") + "/edit"))
    browser.fill("name", "Zeta").click("Save")
    browser.go(server.url("acme", record(browser, server, "Bore")))
    browser.click("Delete this record")
    browser.go(server.url("acme", "/collections/ships/records/new"))
    browser.fill("name", "Enno").fill("port", "Turku").click("Save")
    check.equal("one changed, one deleted, one new", names(browser, server), ["Cato", "Dora", "Enno", "Zeta"])

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not server.json("backup", "drill"):
        time.sleep(1)
    browser.go(server.url("acme", "/backups"))
    stand_for(browser, check, "backups")
    check.that("the page says since when", browser.has("Any second since") and browser.has("14 days"), browser.text[:600])
    check.that("bars tell what was changed", browser.ask("document.querySelectorAll('svg a[aria-label]').length") >= 1)
    check.that("the first drill was run by itself", browser.has("1\u00a0drill, all passed") or browser.has("drill"), browser.text[-900:])
    look(browser, "backups")
    browser.ask("document.querySelector('svg a').focus()")
    check.that("a bar can be reached by keyboard", browser.ask("document.activeElement.getAttribute('aria-label').includes('Before')"))

    browser.go(server.url("acme", f"/backups/moment?at={before}"))
    stand_for(browser, check, "moment")
    check.that("compares before anything happens", browser.has("1 as they were") and browser.has("1 deleted ones come back") and browser.has("1 new ones are set aside"),
               browser.text[:900])
    check.that("with the records that differ", browser.has("Zeta") and browser.has("Bore") and browser.has("Enno"), browser.text[:1500])
    look(browser, "moment")
    browser.click("Bring it back")
    finished(browser)
    check.that("it is done", browser.has("Finished") and browser.has("SHA-256"), browser.text[:900])
    stand_for(browser, check, "restore")
    look(browser, "restore")
    result = browser.url
    check.equal("all four are as they were", names(browser, server), ["Alma", "Bore", "Cato", "Dora"])
    browser.go(server.url("acme", record(browser, server, "Alma")))
    check.that("its history tells of it", browser.has("restored"), browser.text[-600:])

    browser.go(result)
    browser.click("Undo")
    finished(browser)
    check.equal("undone", names(browser, server), ["Cato", "Dora", "Enno", "Zeta"])

    browser.go(server.url("acme", f"/backups/moment?at={before}"))
    browser.fill("name", "before").click("Make the copy")
    finished(browser)
    check.that("a copy is beside", browser.has("acme-before"), browser.text[:600])
    browser.click("Open acme-before")
    browser.wait("location.hostname.startsWith('acme-before.')", "the copy's own host")
    check.equal("as it was", names(browser, server, "acme-before"), ["Alma", "Bore", "Cato", "Dora"])
    check.that("and says that it is a copy", browser.has("Restored copy"), browser.text[:300])
    look(browser, "copy")
    browser.go(server.url("acme", "/backups"))
    look(browser, "backups-after")
    browser.click("Remove acme-before")
    check.that("the copy is removed", browser.has("The copy is gone"), browser.text[:400])
    browser.go(server.url("acme", "/backups/moment?at=2020-01-01T00:00:00Z"))
    check.that("too early is said", browser.has("don't go back that far") or browser.has("don’t go back that far"), browser.text[:400])
    browser.go(server.url("acme", "/backups/moment?at=2099-01-01T00:00:00Z"))
    check.that("and what has not come yet", browser.has("has not come yet"), browser.text[:400])


def command_line(check, server):
    listed = server.json("environment", "list", "acme")
    check.equal("production alone is there", [e["label"] for e in listed], ["acme"])
    drill = server.json("backup", "drill", "acme")
    check.that("a drill by hand passes", drill["passed"] and drill["bytes"] > 0, drill)
    check.note(f"drill: back within {drill['restore_ms']} ms, {drill['exposure_ms']} ms of work exposed")
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))
    done = server.json("restore", "acme", "--at", moment, "--in-place", "--collection", "ships")
    check.that("in place by the command line", done["state"] == "succeeded" and done["undo"], done)
    undone = server.run("restore", "acme", "--commit", done["undo"], "--in-place")
    check.that("and back", "Brought back" in undone.stdout, undone.stdout)
    wrong = server.run("restore", "acme", "--at", moment, check=False)
    check.equal("neither place nor beside is bad usage", wrong.returncode, 2)
