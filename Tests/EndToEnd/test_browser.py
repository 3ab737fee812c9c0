"""A person's first day, in a real browser: invitation to signing out."""

import os
import re
import time
from pathlib import Path

from lib import people, server as servers, totp
from lib.browser import Browser
from lib.server import Server

ROWS = int(os.environ.get("HOLDFAST_BROWSER_ROWS", 3000))


def flights(folder, rows):
    """The first flights of nycflights13, and one line that can't be right."""
    path = Path(folder) / "flights.csv"
    with open(servers.root / ".deps" / "flights.csv") as source, open(path, "w") as target:
        for number, line in enumerate(source):
            if number > rows:
                break
            target.write(line)
        target.write("2013,1,1,517,515,2,830,819,11,UA\n")
    return path


def stand_for(browser, check, page, limit=60_000):
    """What every page has to be: small, quiet, of ours alone."""
    check.that(f"{page}: at most {limit // 1000} KB ({browser.page_bytes() / 1000:.0f})", browser.page_bytes() <= limit, browser.page_bytes())
    check.that(f"{page}: nothing from elsewhere", not browser.foreign_requests(servers.apex), browser.foreign_requests(servers.apex))
    check.that(f"{page}: has a title, a language and one heading", browser.title and browser.ask(
        "document.documentElement.lang.length === 2 && document.querySelectorAll('h1').length === 1"), browser.title)
    unnamed = browser.ask("""[...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href]')]
        .filter(e => e.getClientRects().length)
        .filter(e => !((e.labels && e.labels.length) || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim()
            || e.title || (e.querySelector && e.querySelector('title'))))
        .map(e => e.outerHTML.slice(0, 120))""")
    check.that(f"{page}: every control has a name", not unnamed, unnamed)


def test(check):
    """Invitation, password, second factor, home, import, filter, edit, history, sign out"""
    with Server("browser") as server:
        server.run("tenant", "create", "acme", "--name", "Acme Ltd", "--edition", "standard", "--owner", "ann@acme.example")
        link = server.link_in_mail("ann@acme.example")
        with Browser(server.certificate_authority) as browser:
            browser.go(server.url("acme"))
            check.that("a stranger is asked to sign in", "/sign-in" in browser.url and browser.has_field("password"), browser.url)
            stand_for(browser, check, "sign-in")
            browser.screenshot("01-sign-in")

            browser.go(link)
            check.that("the invitation says where to", browser.has("Acme Ltd") and browser.has("ann@acme.example"), browser.text[:300])
            stand_for(browser, check, "invitation")
            browser.fill("your name", "Ann Archer").fill("password", "password1")
            browser.wait("document.querySelector('.opinion:not([hidden])')", "what is thought of the password")
            check.that("while it is typed, a common one is called so", browser.has("attackers try"), browser.text[:400])
            browser.fill("password", "quartz-otter-linden-4271")
            browser.wait("document.querySelector('.opinion[data-level=\"3\"]')", "a better opinion")
            check.that("and a long one strong", browser.has("Strong."), browser.text[:400])
            browser.screenshot("02-opinion")
            browser.fill("password", "password1").click("Continue")
            check.that("a common password is refused with a reason", browser.has_field("password") and browser.has("password"), browser.text[:400])
            browser.screenshot("02-invitation-refused")
            browser.fill("your name", "Ann Archer").fill("password", "quartz-otter-linden-4271").click("Continue")

            browser.wait("document.querySelector('#key')", "the second factor's key")
            stand_for(browser, check, "second factor")
            browser.screenshot("03-second-factor")
            browser.go(server.url("acme"))
            check.that("no data before the second factor", not browser.has("Collections") and "acme." not in browser.url, browser.url)
            browser.go(server.url(None, "/onboarding/factor"))
            browser.wait("document.querySelector('#key')", "the second factor's key, again")
            phone = totp.Authenticator(re.sub(r"[ \-]", "", browser.ask("document.querySelector('#key').textContent")))
            browser.click("Use an authenticator app instead")
            browser.fill("six digits", "000000").click("Confirm")
            check.that("a wrong code is refused", browser.exists("#key") and browser.has("code"), browser.text[:300])
            browser.fill("six digits", phone.code()).click("Confirm")
            browser.wait("document.querySelectorAll('#codes li').length === 10", "ten recovery codes")
            check.that("recovery codes are shown", True)
            browser.screenshot("04-recovery-codes")
            browser.click("I have put these codes in a safe place").click("Finish")

            browser.go(server.url("acme"))
            browser.wait("location.hostname.startsWith('acme.')", "the tenant's own host")
            check.that("she is at home", browser.has("Ann Archer") or browser.has("Acme Ltd"), browser.text[:400])
            stand_for(browser, check, "home")
            browser.screenshot("05-home-empty")
            cookies = browser.call("Network.getCookies")["cookies"]
            check.that("her session's cookie is __Host-, Secure, HttpOnly", any(c["name"] == "__Host-session" and c["secure"] and c["httpOnly"] for c in cookies), cookies)

            began = time.monotonic()
            address = import_file(server, browser, check, flights(server.folder, ROWS))
            check.that(f"{ROWS} flights are imported, the bad line is refused ({time.monotonic() - began:.1f} s)",
                       browser.has("1 line") or browser.has("refused"), browser.text[:600])
            browser.screenshot("07-import-done")

            browser.go(address)
            check.that("the flights are listed", browser.ask("document.querySelectorAll('table tbody tr').length") >= 20 and browser.exists("a[href*=cursor], .pager, [rel=next]"), browser.text[-400:])
            stand_for(browser, check, "records", 54_000)
            browser.screenshot("08-records")
            browser.ask("document.querySelectorAll('details').forEach(d => { if (d.querySelector('#filter')) d.open = true })")
            browser.fill("#filter" if False else "filter", 'carrier = "UA" and distance > 2000')
            browser.submit()
            rows = browser.ask("document.querySelectorAll('table tbody tr').length")
            text = browser.ask("document.querySelector('table tbody').innerText")
            check.that("a filter narrows them", rows > 0 and "UA" in text and "B6" not in text, text[:200])
            browser.screenshot("09-filtered")
            browser.dark(True).screenshot("09-filtered-dark")
            browser.dark(False)
            browser.go(address + "?sort=-distance&column=carrier&column=dest&column=distance")
            check.that("sorting by distance puts Honolulu first", "HNL" in browser.ask("document.querySelector('table tbody tr').innerText"), browser.text[:300])

            browser.ask("document.querySelector('table tbody tr a').click()")
            browser.settle()
            record = browser.url
            check.that("a record has its page", "/records/" in record, record)
            browser.click("Edit")
            browser.fill("tailnum", "N0CTURNE").click("Save")
            browser.go(record)
            check.that("the change stands", browser.has("N0CTURNE"), browser.text[:500])
            check.that("the history has both versions and who", browser.has("Version 2") and browser.has("Version 1") and browser.has("Ann Archer"), browser.text[:900])
            stand_for(browser, check, "record")
            browser.ask("document.querySelectorAll('details').forEach(d => d.open = true)")
            browser.screenshot("10-record-history")

            browser.go(server.url("acme", "/trust"))
            browser.click("Identity")
            check.that("an area's promises have a page of their own", browser.url.endswith("/trust/id") and browser.exists("#ID-4"), browser.url)
            stand_for(browser, check, "trust area")
            for path, name in (("/people", "people"), ("/roles", "roles"), ("/audit", "audit"), ("/trust", "trust"), ("/", "home")):
                browser.go(server.url("acme", path))
                check.that(f"{name}: is there", not browser.has("not found") and browser.exists("h1"), browser.text[:200])
                stand_for(browser, check, name)
                browser.screenshot(f"11-{name}")
            browser.go(server.url(None, "/account"))
            check.that("her account shows where she is signed in", browser.has("signed in"), browser.text[:300])
            browser.screenshot("12-account")

            browser.go(server.url("acme", "/"))
            browser.click("Sign out")
            browser.go(record)
            check.that("signed out, the record is closed", "/records/" not in browser.url or browser.has("sign in"), browser.url)
            browser.go(server.url(None, "/account"))
            check.that("and so is the account", "/account" not in browser.url or browser.has_field("password"), browser.url)
            browser.screenshot("13-signed-out")

            browser.go(server.url("acme"))
            browser.fill("address", "ann@acme.example").fill("password", "quartz-otter-linden-4271").click("Sign in")
            browser.fill("code", phone.code()).click("Continue")
            browser.wait("location.hostname.startsWith('acme.')", "the tenant's host after signing in again")
            check.that("she comes back with password and code", browser.has("Flights"), browser.text[:300])
            serious = [c for c in browser.complaints if "401" not in c and "403" not in c and "404" not in c and "422" not in c and "favicon" not in c]
            check.that("the browser complained of nothing", not serious, serious[:5])
        log = server.printed()
        check.that("nothing of hers is in the server's log", "ann@acme" not in log and "Ann Archer" not in log and "N0CTURNE" not in log)
        check.equal("the audit log verifies", server.run("audit", "verify", check=False).returncode, 0)


def import_file(server, browser, check, path):
    """From the collections' page; returns the new collection's address."""
    browser.go(server.url("acme", "/collections"))
    browser.click("Import a file")
    browser.choose_file(path)
    browser.click("Upload and preview")
    check.that("the preview shows columns and types", browser.has("carrier") and browser.has("distance") and browser.has("number"), browser.text[:600])
    stand_for(browser, check, "preview")
    browser.screenshot("06-import-preview")
    if browser.has_field("name"):
        browser.fill("name", "Flights")
    browser.click("Import")
    browser.wait("document.querySelector('#h-refused') || /finished|not imported/i.test(document.body.innerText)", "the import's end", 120)
    time.sleep(0.5)
    browser.settle()
    return server.url("acme", "/collections/flights")
