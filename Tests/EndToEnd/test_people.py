"""People: a list of invitations, a role of one's own, what it sees, who sees what, and leaving."""

import re
import time
import urllib.parse

from lib import http, people, totp
from lib.browser import Browser
from lib.server import Server, apex
from test_browser import stand_for

PASSWORD = "quartz-otter-linden-4271"


def look(browser, name, full=True):
    browser.looks(name, "people", full)


def join(browser, server):
    """The owner's first day, as far as it takes."""
    browser.go(server.link_in_mail("ann@acme.example"))
    browser.fill("your name", "Ann Archer").fill("password", PASSWORD).click("Continue")
    browser.wait("document.querySelector('#key')", "the second factor's key")
    phone = totp.Authenticator(re.sub(r"[ \-]", "", browser.ask("document.querySelector('#key').textContent")))
    browser.click("Use an authenticator app instead")
    browser.fill("six digits", phone.code()).click("Confirm")
    browser.wait("document.querySelectorAll('#codes li').length === 10", "ten recovery codes")
    browser.click("I have put these codes in a safe place").click("Finish")
    browser.go(server.url("acme"))
    browser.wait("location.hostname.startsWith('acme.')", "the tenant's own host")
    return phone


def odd_passwords(check, server):
    """What nobody would type is refused like any wrong password, and what nobody could is not read."""
    origin = server.url(None, "").rstrip("/")
    for what, password, status in (("a NUL", "quartz\0otter", 422), ("emoji", "\U0001f422" * 40, 401), ("4,097 bytes", "x" * 4097, 401),
                                   ("half a million characters", "x" * 500_000, 413), ("10 MB", "x" * 10_000_000, 413)):
        answer = http.request(
            server, "POST", apex, "/sign-in", {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin},
            urllib.parse.urlencode({"identifier": "nobody@acme.example", "password": password}))
        check.equal(f"a password with {what}", answer.status, status)
    check.equal("and the server is well", http.request(server, "GET", apex, "/health/ready").status, 200)


def test(check):
    """A list of invitations, a role of one's own, its preview, the report, and a leaver who is out at once"""
    with Server("people") as server:
        server.run("tenant", "create", "acme", "--name", "Acme Ltd", "--owner", "ann@acme.example", "--environment", "sandbox")
        with Browser(server.certificate_authority) as browser:
            join(browser, server)
            collections(check, server)
            roles(check, server, browser)
            invitations(check, server, browser)
            kim = people.onboard(server, people.Person("kim@acme.example", "Kim Lake"), server.link_in_mail("kim@acme.example"))
            report(check, server, browser, kim)
            leaver(check, server, browser, kim)
            vendor(check, server, browser)
            odd = [c for c in browser.complaints if "favicon" not in c and "422" not in c]
            check.that("no page complains", not odd, odd)
        by_program(check, server)
        odd_passwords(check, server)
        check.equal("the audit log verifies", server.run("audit", "verify", check=False).returncode, 0)
        results = {control["id"]: control for control in server.json("controls", "--check", timeout=300)}
        for control in ("ID-1", "ID-11", "ID-12", "AZ-1", "AZ-5"):
            check.equal(f"{control} is kept on the running server", results[control]["state"], "pass")
            check.note(f"{control}: {results[control].get('evidence')}")


def collections(check, server):
    for slug, fields in (("flights", "number,carrier,origin\nUA 1545,UA,EWR\nB6 725,B6,JFK\n"), ("airlines", "code,name\nUA,United\nB6,JetBlue\n"),
                         ("weather", "hour,wind\n1,12\n2,14\n")):
        path = server.folder / f"{slug}.csv"
        path.write_text(fields)
        server.run("import", "acme", slug, str(path), "--create")


def roles(check, server, browser):
    browser.go(server.url("acme", "/roles"))
    stand_for(browser, check, "roles")
    check.equal("every role is a picture", browser.ask("document.querySelectorAll('.card svg.shape').length"), 4)
    browser.fill("name", "Gate staff").click("Create role")
    check.that("a role is made", browser.url.endswith("/roles/gate-staff") and browser.has("Gate staff is made"), browser.url)
    for label in ("Read, flights", "Create, flights", "Change, flights", "Read, airlines"):
        tick(browser, label)
    stand_for(browser, check, "role")
    browser.click("Save Gate staff")
    check.that("it is saved", browser.has("is saved and holds from now on"), browser.text[:300])
    check.equal("and ticked", browser.ask("document.querySelectorAll('.matrix input:checked').length"), 4)
    look(browser, "role")
    tick(browser, "Read, all collections")
    implied = browser.ask("getComputedStyle([...document.querySelectorAll('.matrix .c0 input')].at(-1)).backgroundColor")
    plain = browser.ask("getComputedStyle([...document.querySelectorAll('.matrix .c8 input')].at(-1)).backgroundColor")
    check.that("what follows from the first line is shown at once", implied != plain, (implied, plain))
    browser.go(server.url("acme", "/roles"))
    look(browser, "roles")

    browser.go(server.url("acme", "/preview?role=gate-staff"))
    stand_for(browser, check, "preview")
    check.that("the preview shows what it sees", browser.has("Flights") and browser.has("Airlines") and browser.has("carrier"), browser.text[:600])
    check.that("and what is out of sight", browser.has("Out of their sight: weather"), browser.text[-300:])
    check.that("and no record", not browser.has("UA 1545") and not browser.has("JetBlue"))
    look(browser, "preview")

    listed = server.json("role", "list", "acme")
    check.that("the command line knows it", any(role["name"] == "gate-staff" for role in listed), listed)
    server.run("role", "create", "acme", "Night shift", "--like", "gate-staff")
    server.run("role", "allow", "acme", "night-shift", "view", "--collection", "weather")
    check.that("a role is renamed", "called Late shift now" in server.run("role", "rename", "acme", "night-shift", "Late shift").stdout)
    check.equal("and keeps its short name", [role["label"] for role in server.json("role", "list", "acme") if role["name"] == "night-shift"], ["Late shift"])
    check.equal("a built-in one can't be", server.run("role", "rename", "acme", "editor", "Writer", check=False).returncode, 2)
    shown = {row["collection"]: row["permissions"] for row in server.json("role", "show", "acme", "night-shift")}
    check.equal("a copy, widened", (shown["flights"], shown["weather"]), ("create edit view", "view"))
    server.run("role", "remove", "acme", "night-shift")
    built_in = server.run("role", "allow", "acme", "editor", "design", check=False)
    check.that("built-in roles stay as they are", built_in.returncode != 0 and "Built-in roles" in built_in.stderr, built_in.stderr)


def tick(browser, label):
    """By the label that a screen reader hears."""
    browser.press_at(*browser.box(
        f"""[...document.querySelectorAll('.matrix input')].find(e => e.labels[0].innerText.trim() === {label!r} || e.labels[0].textContent.trim() === {label!r})""", label))


def invitations(check, server, browser):
    browser.go(server.url("acme", "/people/invite"))
    stand_for(browser, check, "invite")
    browser.ask("""(() => { const e = document.querySelector('#f-address'); e.value = 'kim@acme.example\\nBob Hill <bob@acme.example>, Gate staff\\nnot an address\\nKIM@acme.example';
        e.dispatchEvent(new Event('input', {bubbles: true})) })()""")
    browser.click("label[for=role-gate-staff]")
    browser.ask("document.querySelector('#role-reader').checked && document.querySelector('label[for=role-reader]').click()")
    look(browser, "invite")
    # What comes back after the question whether it is her: as if the server had asked between the click and the page.
    browser.ask("""(() => { const form = document.querySelector('form[data-keep]'); form.addEventListener('submit', e => e.preventDefault()); form.requestSubmit() })()""")
    browser.ask("onbeforeunload = null")
    browser.go(server.url("acme", "/people/invite?again=1"))
    kept = browser.ask("[document.querySelector('#f-address').value.split('\\n').length, document.querySelector('#role-gate-staff').checked, document.querySelector('#role-reader').checked, location.search]")
    check.equal("what was typed is there again", kept, [4, True, False, ""])
    check.that("and it says so", browser.has("What you had typed is here again"), browser.text[:300])
    browser.go(server.url("acme", "/people/invite?again=1"))
    check.equal("but not a second time", browser.ask("document.querySelector('#f-address').value"), "")
    browser.ask("""(() => { const e = document.querySelector('#f-address'); e.value = 'kim@acme.example\\nBob Hill <bob@acme.example>, Gate staff\\nnot an address\\nKIM@acme.example';
        e.dispatchEvent(new Event('input', {bubbles: true})) })()""")
    browser.click("label[for=role-gate-staff]").click("label[for=role-reader]")
    browser.click("Send invitations")
    check.that("each line has its answer", browser.has("2 of 4") and browser.has("stands in the list twice") and browser.has("address nor a role"), browser.text[:700])
    stand_for(browser, check, "invited")
    look(browser, "invited")
    browser.go(server.url("acme", "/people"))
    check.that("both wait", browser.has("bob@acme.example") and browser.has("kim@acme.example"), browser.text[:500])
    browser.click("Withdraw the invitation of bob@acme.example")
    check.that("one is withdrawn", browser.has("withdrawn") and not browser.has("bob@acme.example"), browser.text[:400])


def report(check, server, browser, kim):
    kim.get(server.url("acme"))
    check.equal("Kim sees flights", kim.get(server.url("acme", "/collections/flights")).status, 200)
    check.equal("and no weather", kim.get(server.url("acme", "/collections/weather")).status, 404)
    for path in ("/roles", "/access", "/access/flights", "/preview", "/people", "/vendor"):
        check.that(f"nor {path}", kim.get(server.url("acme", path)).status in (403, 404))
    browser.go(server.url("acme", "/access"))
    stand_for(browser, check, "who can see what")
    row = browser.ask("[...document.querySelectorAll('.heat tbody tr')].find(r => r.innerText.startsWith('flights')).innerText.split(/\\s+/).slice(1).join(' ')")
    check.equal("two read flights, one exports them, two create", row, "2 1 2 2 1 1 1 1 1")
    look(browser, "access")
    browser.click("main a[href='/access/flights']")
    stand_for(browser, check, "who can see flights")
    check.that("by name and role", browser.has("Kim Lake") and browser.has("Gate staff") and browser.has("Owner"), browser.text[:600])
    look(browser, "collection-access")
    browser.go(server.url("acme", "/collections/flights"))
    browser.ask("document.querySelector('table tbody tr a').click()")
    browser.settle()
    browser.click("Who can see this")
    check.that("and for one record", browser.has("Who can see UA 1545") or browser.has("Who can see B6 725"), browser.text[:300])
    browser.go(server.url("acme", "/people"))
    browser.click("Change Kim Lake")
    check.that("a person's page says what they see", browser.has("What they can see") and browser.has("Flights"), browser.text[:600])
    stand_for(browser, check, "member")
    look(browser, "member")


def leaver(check, server, browser, kim):
    client = people.make_client(server, "acme")
    token = people.access_token(server, kim, client, "acme")["access_token"]
    api = people.API(server, "acme", token)
    made = api.ask("POST", "/collections/flights/records", {"values": {"number": "KL 1", "carrier": "KL", "origin": "AMS"}})
    check.equal("Kim makes a record", made.status, 201)
    person = browser.url
    for how, said in (("Disable", "is disabled"), ("Remove", "is out")):
        browser.go(person)
        browser.click("Disable or remove")
        stand_for(browser, check, "leaving")
        if how == "Disable":
            look(browser, "leaving")
        browser.click(how)
        if how == "Remove":
            browser.fill("successor", "Ann Archer")
        began = time.monotonic()
        browser.click("End their access", settle=False)
        while time.monotonic() - began < 10:
            pages, tokens = kim.get(server.url("acme", "/collections/flights"), follow=False).status, api.ask("GET", "/collections").status
            if (pages, tokens) == (303, 401):
                break
        took = time.monotonic() - began
        check.that(f"{how}: page and token end ({took * 1000:.0f} ms after the click)", (pages, tokens) == (303, 401) and took < 2, (pages, tokens))
        browser.settle()
        check.that(f"{how}: and it is said", browser.has(said), browser.text[:300])
        if how == "Disable":
            browser.click("Let Kim Lake in again")
            check.that("let in again", browser.has("may come in again"), browser.text[:300])
            check.equal("the old token stays worthless", api.ask("GET", "/collections").status, 401)
            kim.get(server.url("acme"))
            check.equal("but the person comes in", kim.get(server.url("acme", "/collections/flights")).status, 200)
            token = people.access_token(server, kim, client, "acme")["access_token"]
            api = people.API(server, "acme", token)
            check.equal("and gets a new token", api.ask("GET", "/collections").status, 200)
    browser.go(server.url("acme", f"/collections/flights/records/{made.json['id']}"))
    check.that("the record is Ann's now, and Kim made it", browser.has("owned by Ann Archer") and browser.has("Kim Lake"), browser.text[:500])
    browser.go(server.url("acme", "/people"))
    check.that("Ann can't leave as the last owner", not browser.exists("a[aria-label='Change Ann Archer']"))


def vendor(check, server, browser):
    link = server.claim_link()
    operator = people.Person("olive@vendor.example", "Olive Okafor")
    visitor = people.onboard(server, operator, link)
    check.that("the first operator has a page of staff", "Olive Okafor" in visitor.get(server.url(None, "/staff")).text)
    browser.go(server.url("acme", "/vendor"))
    stand_for(browser, check, "vendor")
    check.that("a customer sees who has access", browser.has("Olive Okafor") and browser.has("acme-sandbox."), browser.text[:500])
    look(browser, "vendor")
    server.run("staff", "take", "olive@vendor.example", "production")
    browser.go(server.url("acme", "/vendor"))
    first = browser.ask("document.querySelector('main section').innerText")
    check.that("and when it ended", "Olive Okafor" not in first and "Nobody" in first, first)
    page = visitor.get(server.url(None, "/tenants/new"))
    answer = visitor.submit(page, {"name": "Beta", "slug": "beta", "edition": "standard", "region": "eu-central"})
    check.that("without it no production is made", "no access to production" in answer.text, answer.text[:400])
    server.run("staff", "give", "olive@vendor.example", "production")
    check.that("and with it again", "production" in server.run("staff", "list").stdout)
    with Browser(server.certificate_authority) as console:
        console.go(server.url(None, "/sign-in"))
        console.fill("address", operator.identifier).fill("password", operator.password).click("Sign in")
        console.wait("document.querySelector('[name=code]')", "the question for a code")
        console.fill("code", operator.authenticator.code()).submit()
        console.go(server.url(None, "/staff"))
        stand_for(console, check, "staff")
        look(console, "staff")


def by_program(check, server):
    """The same by the API."""
    _, bea = people.owner_of(server, "beta", "Beta Ltd", "bea@beta.example", "Bea Beta", "sandbox")
    client = people.make_client(server, "beta")
    api = people.API(server, "beta", people.access_token(server, bea, client, "beta")["access_token"])
    api.ask("POST", "/collections", {"slug": "notes", "name": "Notes", "fields": [{"key": "name", "type": "text"}]})
    made = api.ask("POST", "/roles/editor/copies", {"label": "Night shift"})
    check.equal("a role is copied", (made.status, made.json["name"]), (201, "night-shift"))
    seen = api.ask("GET", "/roles/night-shift/outlook").json
    check.equal("its outlook", (seen["collections"][0]["collection"], "edit" in seen["collections"][0]["permissions"], seen["environment"]), ("notes", True, []))
    lines = api.ask("POST", "/invitations/lists", {"addresses": "email,role\ndan@beta.example,Night shift\nnobody", "days": 2}).json["lines"]
    check.equal("a table of invitations", [(line["line"], line["problem"] and line["problem"]["code"]) for line in lines], [(2, None), (3, "identifier")])
    check.equal("0 days is refused", api.ask("POST", "/invitations", {"address": "x@beta.example", "roles": ["reader"], "days": 0}).status, 422)
    dan = people.onboard(server, people.Person("dan@beta.example", "Dan Hill"), server.link_in_mail("dan@beta.example"))
    dan.get(server.url("beta"))
    check.equal("Dan comes in", dan.get(server.url("beta", "/collections/notes")).status, 200)
    counts = api.ask("GET", "/access").json["collections"][0]
    check.equal("two read, two change, one administers", [counts["people"][name] for name in ("view", "edit", "design")], [2, 2, 1])
    listed = api.ask("GET", "/access/notes").json["people"]
    who = next(person for person in listed if person["identifier"] == "dan@beta.example")
    check.equal("by which role", who["roles"], ["night-shift"])
    person = f"/people/{who['account']}"
    check.equal("what Dan sees", api.ask("GET", person + "/access").json["roles"], ["night-shift"])
    check.equal("Dan is disabled", api.ask("PUT", person + "/suspension").status, 204)
    check.equal("and out", dan.get(server.url("beta", "/collections/notes"), follow=False).status, 303)
    check.that("the list says so", any(p["suspended_at"] for p in api.ask("GET", "/people").json["people"]))
    check.equal("let in again", api.ask("DELETE", person + "/suspension").status, 204)
    mine = next(p["account"] for p in listed if p["identifier"] == "bea@beta.example")
    check.equal("records handed over", api.ask("PUT", person + "/successor", {"account": mine}).status, 204)
    check.equal("the last owner can't go", api.ask("DELETE", f"/people/{mine}").status, 409)
    check.equal("nor be disabled", api.ask("PUT", f"/people/{mine}/suspension").status, 403)
    check.equal("the role goes", api.ask("DELETE", "/roles/night-shift").status, 204)
    check.equal("and from Dan with it", [p["roles"] for p in api.ask("GET", "/people").json["people"] if p["account"] == who["account"]], [[]])
    check.equal("Dan is removed", api.ask("DELETE", person).status, 204)
    places = api.ask("GET", "/staff").json["environments"]
    check.equal("who of the vendor's has access", sorted(place["kind"] for place in places), ["production", "sandbox"])
