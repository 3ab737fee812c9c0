"""Two browsers of one person: the notice of the new one, names, trust, and a lost one that is out at once."""

import time

from lib import http, people
from lib.browser import Browser
from lib.server import Server, root
from test_browser import stand_for

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"


class Phone(http.Visitor):
    """A visitor that says it is a phone."""

    def request(self, method, url, headers=None, **options):
        return super().request(method, url, headers={"User-Agent": PHONE, **(headers or {})}, **options)


def notices(server, address):
    found = []
    for folder in server.mailboxes:
        for path in folder.glob("**/*.eml"):
            text = path.read_text(errors="replace")
            if address in text and "Subject: A new device" in text:
                found.append(path)
    return found


def sign_in(server, browser, person):
    browser.go(server.url(None, "/sign-in"))
    browser.fill("address", person.identifier).fill("password", person.password).click("Sign in")
    browser.fill("code", person.authenticator.code()).click("Continue")
    browser.wait("location.pathname === '/account'", "her account")


def pictures(server, browser, path, name):
    browser.go(server.url(None, path) if path.startswith("/") else path)
    browser.screenshot(name, full=True)
    browser.dark(True).screenshot(name + "-dark", full=True)
    browser.dark(False)
    browser.narrow(True).screenshot(name + "-narrow", full=True)
    browser.narrow(False)


def test(check):
    """A person's devices: known, named, trusted, revoked; everything ended by one button, or by the link in a mail"""
    with Server("devices") as server:
        person, laptop = people.owner_of(server, "acme", "Acme Ltd", "ann@acme.example", "Ann Archer")
        cookie = laptop.cookies["holdfast.localhost"]["__Host-device"]
        check.that("the first browser is known from then on", len(cookie) == 43, cookie)
        check.equal("and no mail says so", len(notices(server, person.identifier)), 0)
        with Browser(server.certificate_authority) as browser:
            in_the_browser(check, server, browser, person, laptop)
        by_mail(check, server, person)
        check.equal("the audit log verifies", server.run("audit", "verify", check=False).returncode, 0)
        check.that("nothing of hers is in the server's log", "ann@acme" not in server.printed() and "iPhone" not in server.printed())
    unusual(check)


def in_the_browser(check, server, browser, person, laptop):
    began = time.time()
    sign_in(server, browser, person)
    letter = server.mail(person.identifier, after=began - 0.5)
    text = letter.get_content()
    check.that("a mail tells of the new device", "new device" in letter["subject"] and "Chrome on Linux" in text and "127.0.0.0/24" in text, text)
    phone = people.sign_in(server, person, server.url(None, "/sign-in"), Phone(server))
    phone.get(server.url("acme", "/collections"))
    deadline = time.monotonic() + 10
    while len(notices(server, person.identifier)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    check.equal("and another of the phone", len(notices(server, person.identifier)), 2)
    client = people.make_client(server, "acme", "Field notes")
    token = people.access_token(server, phone, client, "acme", scope="openid offline_access read")
    api = people.API(server, "acme", token["access_token"])
    check.equal("an application works on the phone", api.ask("GET", "/collections").status, 200)

    browser.click("Look")
    check.that("all three devices are listed", all(browser.has(name) for name in ("Chrome on Linux", "Safari on iPhone", "Unknown browser")), browser.text[:900])
    check.that("her own is marked, and the application is there", browser.has("This one") and browser.has("Field notes"), browser.text[:900])
    stand_for(browser, check, "access")
    pictures(server, browser, "/account/access", "40-access")

    browser.go(server.url(None, "/account/access"))
    browser.click("Look at Chrome on Linux")
    browser.fill("name", "Kitchen laptop").click("Save")
    check.that("a device has a name", browser.has("Kitchen laptop"), browser.text[:300])
    browser.click("Trust this device")
    check.that("and can be trusted", browser.has("You trust this device now"), browser.text[:300])
    stand_for(browser, check, "device")
    pictures(server, browser, browser.url, "41-device")

    browser.go(server.url(None, "/account/access"))
    browser.click("Look at Safari on iPhone")
    began = time.monotonic()
    browser.click("Revoke this device", settle=False)
    while phone.get(server.url("acme", "/collections"), follow=False).status == 200 and time.monotonic() - began < 5:
        time.sleep(0.02)
    ended = time.monotonic() - began
    check.that(f"a revoked phone is out within a second ({ended:.2f} s from the click)", ended < 1.5, ended)
    check.equal("at the apex, too", phone.get(server.url(None, "/account"), follow=False).status, 303)
    check.equal("its application's token as well", api.ask("GET", "/collections").status, 401)
    refused = http.request(server, "POST", "holdfast.localhost", "/oauth/token", {"Content-Type": "application/x-www-form-urlencoded"},
                           f"grant_type=refresh_token&client_id={client}&refresh_token={token['refresh_token']}".encode())
    check.equal("and what would renew it", refused.status, 400)
    check.equal("the first browser goes on", laptop.get(server.url("acme", "/collections")).status, 200)
    browser.settle()
    browser.go(server.url(None, "/account/access"))
    check.that("the list says what is left", not browser.has("Look at Safari") and browser.has("Kitchen laptop"), browser.text[:600])
    # The access log remembers.
    check.that("the sign-ins stay in the list", browser.has("Safari on iPhone"), browser.text[-600:])

    member = next(p["account"] for p in people.API(server, "acme", people.access_token(server, laptop, client, "acme", scope="openid read write")["access_token"])
                  .ask("GET", "/people").json["people"])
    seen = people.API(server, "acme", people.access_token(server, laptop, client, "acme", scope="openid read")["access_token"]).ask("GET", f"/people/{member}/devices")
    check.that("administrators see what came into their tenant, and no more",
               {d["platform"]: d["state"] for d in seen.json["devices"]} == {"Unknown browser": "known", "Safari on iPhone": "revoked"} and "127.0.0" not in seen.text, seen)
    browser.go(server.url("acme", f"/people/{member}/devices"))
    stand_for(browser, check, "member's devices")
    pictures(server, browser, browser.url, "42-member-devices")
    listed = server.json("account", "devices", person.identifier)
    check.that("the command line lists them", {d["platform"] for d in listed} == {"Unknown browser", "Chrome on Linux"}, listed)

    pictures(server, browser, "/account/access/end", "43-end")
    browser.go(server.url(None, "/account/access"))
    browser.click("End everything")
    browser.click("End it")
    check.that("everything but this has ended", browser.has("Everything has ended but what you are using now"), browser.text[:300])
    check.equal("the other browser is out", laptop.get(server.url(None, "/account"), follow=False).status, 303)
    browser.click("End everything")
    browser.ask("document.querySelector('input[value=all]').click()")
    browser.click("End it")
    browser.wait("location.pathname === '/sign-in'", "the page to sign in")
    check.that("and then this one, too", browser.has("You are signed out"), browser.text[:300])


def by_mail(check, server, person):
    began = time.time()
    stranger = people.sign_in(server, person, server.url(None, "/sign-in"), Phone(server))
    link = server.link_in_mail(person.identifier, after=began - 0.5)
    check.that("the mail has a link that ends everything", "/sign-out/everywhere/" in link, link)
    reader = http.Visitor(server)
    page = reader.get(link)
    check.that("it asks first, for mail programs open links by themselves", page.status == 200 and "End everything?" in page.text, page)
    check.equal("nothing has ended yet", stranger.get(server.url(None, "/account"), follow=False).status, 200)
    page = reader.submit(page, {})
    check.that("then it is done, and says what comes next", "Everything has ended" in page.text and "/password/forgotten" in page.text, page)
    check.equal("whoever it was is out", stranger.get(server.url(None, "/account"), follow=False).status, 303)
    check.equal("the link works once", reader.get(link).status, 410)
    check.equal("a made-up one does not", reader.get(server.url(None, "/sign-out/everywhere/" + "A" * 43)).status, 410)


HOME, FAR = "91.10.0.1", "139.130.4.5"


class Elsewhere(http.Visitor):
    """A visitor whom a trusted proxy says to be at an address."""

    def __init__(self, server, address):
        super().__init__(server)
        self.address = address

    def request(self, method, url, headers=None, **options):
        return super().request(method, url, headers={"X-Forwarded-For": self.address, **(headers or {})}, **options)


def place(browser, address):
    browser.call("Network.setExtraHTTPHeaders", headers={"X-Forwarded-For": address})


def unusual(check):
    """Somebody knows the password and a code, and is on the other side of the world."""
    table = root / ".deps" / "share" / "locations"
    if not table.exists():
        raise RuntimeError("no table of countries: run script/bootstrap")
    with Server("risk", plain=True, options=["--locations", str(table)]) as server:
        person, owner = people.owner_of(server, "acme", "Acme Ltd", "olga@acme.example", "Olga Owner")
        began = time.time()
        page = owner.get(server.url("acme", "/people/invite"))
        owner.submit(page, {"address": "ann@acme.example", "role": "editor"})
        ann = people.Person("ann@acme.example", "Ann Archer")
        home = people.onboard(server, ann, server.link_in_mail(ann.identifier, after=began - 1), Elsewhere(server, HOME))
        for _ in range(2):
            home.post(server.url(None, "/sign-out"), {})
            page = people.sign_in(server, ann, server.url(None, "/sign-in"), home).last
            check.that("at home nothing is unusual", "Ann Archer" in page.text, page)

        attacker = people.sign_in(server, ann, server.url(None, "/sign-in"), Elsewhere(server, FAR))
        check.that("from the other side of the world a minute later it is stopped", attacker.last.status == 401 and "was stopped" in attacker.last.text, attacker.last)
        check.equal("and nobody is signed in there", attacker.get(server.url(None, "/account"), follow=False).status, 303)
        letter = server.mail(ann.identifier, after=began)
        check.that("its owner is told why", "was stopped" in letter["subject"] and "impossible travel" in letter.get_content() and "AU" in letter.get_content(), letter.get_content())
        page = home.get(server.url(None, "/account/access"))
        check.that("and sees it among her devices", "Impossible travel" in page.text and "Stopped" in page.text, page.text[:400])

        copied_token(check, server, ann, home)

        with Browser(server.certificate_authority) as browser:
            place(browser, "127.0.0.1")
            sign_in_owner(server, browser, person)
            browser.go(server.url("acme", "/people/risks"))
            check.that("the administrator sees it, without the place", browser.has("Ann Archer") and browser.has("impossible travel") and not browser.has(FAR) and not browser.has("139.130"), browser.text)
            stand_for(browser, check, "risks")
            pictures(server, browser, browser.url, "44-risks")
            browser.go(server.url("acme", "/people/risks"))
            browser.fill("where the risk is high", "Ask its owner by mail first").click("Save")
            check.that("and sets what is done", browser.has("The rule is saved"), browser.text[:300])
            browser.call("Network.clearBrowserCookies")

            place(browser, FAR)
            asked = time.time()
            browser.go(server.url(None, "/sign-in"))
            browser.fill("address", ann.identifier).fill("password", ann.password).click("Sign in")
            browser.fill("code", ann.authenticator.code()).click("Continue")
            browser.wait("location.pathname === '/sign-in/waiting'", "the page that waits")
            check.that("now it waits for her word", browser.has("Look into your mailbox"), browser.text)
            pictures(server, browser, browser.url, "45-waiting")
            link = server.link_in_mail(ann.identifier, after=asked - 0.5)
            check.that("the mail asks whether it is her", "/sign-in/confirmation/" in link, link)
            page = home.get(link)
            check.that("the page says what it is about", page.status == 200 and "Is it you who signs in?" in page.text and "AU" in page.text, page)
            page = home.submit(page, {})
            check.that("she says yes", "Thank you" in page.text, page)
            browser.wait("location.pathname === '/account'", "the account, after her word")
            check.that("and the browser goes on by itself", browser.has("Ann Archer"), browser.text[:300])
            check.equal("the link works once", home.get(link).status, 410)
            page = home.get(server.url(None, "/account/access"))
            check.that("it is confirmed in her list", "Confirmed by mail" in page.text, page.text[:400])
            page = home.submit(page, {}, action="/dismiss")
            check.that("the one that was stopped can be settled", "That sign-in was yours" in page.text, page.text[:400])
        check.equal("the audit log verifies", server.run("audit", "verify", check=False).returncode, 0)


def copied_token(check, server, ann, home):
    """What an application has of hers is used where she can't be; and the operator looks at it."""
    began = time.time()
    client = people.make_client(server, "acme", "Notes on the go")
    token = people.access_token(server, home, client, "acme", "openid read offline_access")
    api = people.API(server, "acme", token["access_token"])
    ask = lambda address: api.ask("GET", "/collections", headers={"X-Forwarded-For": address}).status
    check.equal("her application works at home", [ask(HOME), ask(HOME)], [200, 200])
    check.equal("a copy of its token does not on the other side of the world", ask(FAR), 401)
    check.equal("and what it was copied from has ended", ask(HOME), 401)
    letter = server.mail(ann.identifier, after=began)
    check.that("she is told", "far away" in letter["subject"] and "Notes on the go" in letter.get_content() and "country AU" in letter.get_content(), letter.get_content())
    check.that("and still signed in herself", "Ann Archer" in home.get(server.url(None, "/account")).text)

    listed = server.json("risk", "list", "--tenant", "acme", "--level", "high")
    check.equal("the operator lists both", [(risk["with"], risk["because"], risk["state"]) for risk in listed][:1], [("Notes on the go", "a token used far away", "open")])
    check.equal("of high risk", {risk["level"] for risk in listed}, {"high"})
    shown = server.run("risk", "show", listed[0]["id"]).stdout
    check.that("and sees where it came from", "country: AU" in shown and ann.identifier in shown, shown)
    check.that("it is dismissed", "was right" in server.run("risk", "dismiss", listed[0]["id"]).stdout)
    check.equal("once", server.run("risk", "dismiss", listed[0]["id"], check=False).returncode, 2)
    check.equal("nothing that is not there", server.run("risk", "show", "019a7c3e-0000-7000-8000-000000000000", check=False).returncode, 2)
    check.equal("a level that is none is wrong usage", server.run("risk", "list", "--level", "low", check=False).returncode, 2)
    check.equal("one is left", [risk["because"] for risk in server.json("risk", "list")], ["impossible travel, a new country, a new device, a new network"])
    alarms = [alarm["rule"] for alarm in server.json("alarm", "list", "--tenant", "acme")]
    check.equal("both raised an alarm", alarms.count("risk"), 2)


def sign_in_owner(server, browser, person):
    browser.go(server.url("acme", "/"))
    browser.fill("address", person.identifier).fill("password", person.password).click("Sign in")
    browser.fill("code", person.authenticator.code()).click("Continue")
    browser.wait("location.hostname.startsWith('acme.')", "the tenant's own host")
