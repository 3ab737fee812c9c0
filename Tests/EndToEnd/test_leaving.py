"""A customer leaves: the window, the end of it, and a certificate that needs no server."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from lib import people
from lib.browser import Browser
from lib.checks import Skipped
from lib.server import Server, executable
from test_browser import stand_for


def look(browser, name):
    browser.looks(name, "leaving")


def console(check, server):
    """The vendor's pages for another customer: begun with a slip of the hand, called off, begun again."""
    server.run("tenant", "create", "cedar", "--name", "Cedar GmbH")
    operator = people.Person("olive@vendor.example", "Olive Okafor")
    people.onboard(server, operator, server.claim_link())
    with Browser(server.certificate_authority) as browser:
        browser.go(server.url(None, "/sign-in"))
        browser.fill("address", operator.identifier).fill("password", operator.password).click("Sign in")
        browser.wait("document.querySelector('[name=code]')", "the question for a code")
        browser.fill("code", operator.authenticator.code()).submit()
        browser.go(server.url(None, "/tenants/cedar"))
        browser.click("Offboard Cedar GmbH")
        stand_for(browser, check, "offboard")
        look(browser, "offboard")
        browser.fill("slug", "acme").click("Begin offboarding")
        check.that("another name is a mistake", browser.has("Type cedar, so that it isn't another one by mistake."), browser.text[:600])
        browser.fill("slug", "cedar").fill("on", "2020-01-01").click("Begin offboarding")
        check.that("a day that is over would leave no window", browser.has("Choose a day from tomorrow on"), browser.text[:600])
        browser.fill("on", time.strftime("%Y-%m-%d", time.gmtime(time.time() + 14 * 86_400)))
        browser.fill("reason", "contract ended").fill("slug", "cedar").click("Begin offboarding")
        check.that("it is leaving", browser.has("Cedar GmbH is leaving") and browser.has("nothing can be changed there any more") or browser.has("Nothing can be changed there any more"),
                   browser.text[:600])
        stand_for(browser, check, "leaving")
        look(browser, "window")
        browser.go(server.url(None, "/tenants"))
        check.that("the list says so", browser.ask("[...document.querySelectorAll('tbody tr, li')].some(r => r.innerText.includes('Cedar') && r.innerText.includes('Leaving'))"),
                   browser.text[:600])
        browser.go(server.url(None, "/tenants/cedar/leaving"))
        browser.click("Let Cedar GmbH stay")
        check.that("it stays", browser.has("Cedar GmbH stays"), browser.text[:400])
        look(browser, "tenant")
        server.run("tenant", "offboard", "cedar", "--on", "2020-01-01", "--reason", "contract ended")
        server.run("tenant", "leaving", "--now")
        browser.go(server.url(None, "/tenants/cedar/leaving"))
        check.that("gone, with a certificate", browser.has("Nothing of it is left but its name") and browser.has("Certificate"), browser.text[:600])
        stand_for(browser, check, "gone")
        look(browser, "gone")
        text = browser.ask("fetch('/tenants/cedar/certificate').then(answer => answer.text())")
        check.equal("which can be downloaded", text, server.json("tenant", "certificate", "show", "cedar")["certificate"])
        browser.go(server.url(None, "/tenants/cedar"))
        look(browser, "tenant-gone")
        check.that("and nobody is invited there", not browser.has("Invite an owner") and not browser.has("Create an environment"), browser.text[:600])
        odd = [c for c in browser.complaints if "favicon" not in c and "422" not in c]
        check.that("no page complains", not odd, odd)


def test(check):
    """In the window everything can be read and nothing changed; then keys, databases and backups are gone; the certificate verifies offline"""
    if Server.database:
        raise Skipped("backups are shipped of databases in files")
    elsewhere = Path(tempfile.mkdtemp(prefix="holdfast-leaving-"))
    try:
        archive = elsewhere / "archive"
        with Server("leaving", options=["--backup", str(archive)]) as server:
            person, visitor = people.owner_of(server, "acme", "Acme Ltd", "ann@acme.example", "Ann Archer", "sandbox")
            server.run("tenant", "create", "birch", "--name", "Birch Inc")
            client = people.make_client(server, "acme")
            api = people.API(server, "acme", people.access_token(server, visitor, client, "acme")["access_token"])
            made = api.ask("POST", "/collections", {"slug": "notes", "name": "Notes", "fields": [
                {"key": "name", "label": "Name", "type": "text", "required": True, "indexed": True}], "title_field": "name"})
            check.must("a collection is made", made.status in (200, 201), made)
            api.ask("POST", "/collections/notes/records", {"values": {"name": "a canary that was"}})
            key = elsewhere / "platform.key"
            key.write_text(server.run("audit", "key", "platform").stdout)

            before = time.time()
            begun = server.json("tenant", "offboard", "acme", "--reason", "contract ended")
            check.equal("it begins with a window", begun["stage"], "window")
            check.equal("the owner is told", str(server.mail("ann@acme.example", after=before)["subject"]), "Acme Ltd is leaving")
            refused = api.ask("POST", "/collections/notes/records", {"values": {"name": "too late"}})
            check.equal("nothing can be changed", (refused.status, refused.json.get("type")), (403, "urn:holdfast:problem:leaving"))
            found = api.ask("GET", "/collections/notes/records")
            check.equal("everything can be read", (found.status, len(found.json["records"])), (200, 1))
            looked = visitor.get(server.url("acme", "/collections/notes"))
            check.that("and looked at in the portal, which says so", looked.status == 200 and "Acme Ltd is leaving" in looked.text, looked.text[:600])
            check.equal("its people can't begin it or call it off", [visitor.get(server.url(None, path)).status for path in
                        ("/tenants/acme/leaving", "/tenants/acme/certificate")], [404, 404])
            check.equal("a copy of everything can be made", api.ask("POST", "/own-copies").status, 202)
            deadline = time.monotonic() + 60
            while not (copies := api.ask("GET", "/own-copies").json["own_copies"]) and time.monotonic() < deadline:
                time.sleep(0.5)
            fetched = api.ask("POST", f"/own-copies/{copies[0]['id']}/file", {"passphrase": "a passphrase of some length"})
            check.equal("and downloaded", fetched.status, 200)
            check.equal("whom it is sealed to can't be changed", api.ask("PUT", "/own-copy-recipients", {"recipients": []}).status, 403)
            server.run("tenant", "offboard", "acme", "--withdraw")
            again = api.ask("POST", "/collections/notes/records", {"values": {"name": "still here"}})
            check.that("called off, all is as before", again.status in (200, 201), again)

            environments = [environment["id"] for environment in server.json("tenant", "show", "acme")["environments"]]
            check.equal("two environments", len(environments), 2)
            console(check, server)
            server.run("tenant", "offboard", "acme", "--on", "2020-01-01", "--reason", "contract ended")
            early = server.run("tenant", "certificate", "show", "acme", check=False)
            check.that("no certificate before", early.returncode != 0 and "no certificate yet" in early.stderr, early)
            (state,) = [state for state in server.json("tenant", "leaving", "--now") if state["slug"] == "acme"]
            check.equal("it is gone", (state["stage"], state["waiting"]), ("gone", []))
            left = [path for path in [*server.data.rglob("*"), *archive.rglob("*")]
                    if path.is_file() and any(identifier in str(path) for identifier in environments)]
            check.that("files with its name are tombstones alone",
                       left and all("gone" in path.parts or path.name.startswith("tombstone-") for path in left), left)
            check.that("its host is nobody's", visitor.get(server.url("acme"), follow=False).status == 421)
            taken = server.run("tenant", "create", "acme", "--name", "Acme again", check=False)
            check.that("nobody gets its name", taken.returncode == 2 and "already" in taken.stderr, taken)
            certificate = elsewhere / "acme.certificate"
            server.run("tenant", "certificate", "show", "acme", "--output", str(certificate))
            check.equal("every log verifies", server.run("audit", "verify", check=False).returncode, 0)
            check.that("the neighbour is there", server.json("tenant", "show", "birch")["environments"])
            controls = {control["id"]: control for control in server.json("controls", "--check", timeout=300)}
            check.equal("TN-11 finds nothing left", controls["TN-11"]["state"], "pass")
            check.equal("BK-9 says that a bundle is missing", controls["BK-9"]["state"], "fail")
            server.kill()
            server.start()
            check.equal("also after a crash", {entry["stage"] for entry in server.json("tenant", "leaving")}, {"gone"})

        def verify(file):
            return subprocess.run([str(executable()), "tenant", "certificate", "verify", str(file), "--key", str(key)],
                                  capture_output=True, text=True, timeout=60)
        verified = verify(certificate)
        check.that("the certificate verifies with nothing else", verified.returncode == 0 and "was destroyed" in verified.stdout, verified)
        altered = elsewhere / "altered"
        altered.write_text(certificate.read_text().replace("contract ended", "contract broken"))
        check.equal("an altered one doesn't", verify(altered).returncode, 1)
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)
