"""Passkeys in a real browser, with an authenticator that Chromium simulates: joining, signing in, confirming, losing the device."""

import time

from lib import http, passkey as passkeys, people, server as servers, totp
from lib.browser import Browser
from lib.server import Server
from test_browser import stand_for

PASSWORD = "quartz-otter-linden-4271"


def sign_out(server, browser):
    browser.go(server.url(None, "/account"))
    browser.click("Sign out")
    browser.wait("location.pathname === '/sign-in'", "the page to sign in")


def test(check):
    """A passkey through onboarding, sign-in, confirmation and loss, and what a stranger can do with its messages"""
    with Server("passkeys") as server:
        server.run("tenant", "create", "acme", "--name", "Acme Ltd", "--owner", "ann@acme.example")
        with Browser(server.certificate_authority) as browser:
            in_the_browser(check, server, browser)
        by_hand(check, server)
        check.equal("the audit log verifies", server.run("audit", "verify", check=False).returncode, 0)


def in_the_browser(check, server, browser):
    phone = browser.add_authenticator()
    # The autofill would answer by itself before a button can be tried.
    quiet = browser.before_pages("PublicKeyCredential.isConditionalMediationAvailable = async () => false")

    browser.go(server.link_in_mail("ann@acme.example"))
    browser.fill("your name", "Ann Archer").fill("password", PASSWORD).click("Continue")
    browser.wait("document.querySelector('form[data-passkey]:not([hidden])')", "the offer of a passkey")
    stand_for(browser, check, "second factor")
    browser.screenshot("20-onboarding-passkey")
    browser.dark(True).screenshot("20-onboarding-passkey-dark")
    browser.dark(False)
    check.that("the authenticator app is folded up, and there", not browser.ask("document.querySelector('details[data-other]').open") and browser.exists("#key"))
    browser.click("Create a passkey")
    browser.wait("document.querySelectorAll('#codes li').length === 10", "ten recovery codes")
    codes = browser.ask("[...document.querySelectorAll('#codes li')].map(e => e.textContent.trim())")
    browser.click("I have put these codes in a safe place").click("Finish")
    browser.go(server.url("acme"))
    browser.wait("location.hostname.startsWith('acme.')", "the tenant's own host")
    check.that("a passkey is factor enough to join", browser.has("Ann Archer"), browser.text[:300])
    check.that("the authenticator holds a passkey of hers", [c["isResidentCredential"] for c in browser.passkeys(phone)] == [True], browser.passkeys(phone))

    # Alone
    sign_out(server, browser)
    browser.go(server.url("acme"))
    stand_for(browser, check, "sign-in")
    browser.screenshot("21-sign-in")
    browser.dark(True).screenshot("21-sign-in-dark")
    browser.dark(False)
    browser.click("Sign in with a passkey")
    browser.wait("location.hostname.startsWith('acme.')", "the tenant's host by a passkey alone")
    check.that("a passkey alone signs in", browser.has("Ann Archer"), browser.text[:300])

    # Where that is not enough
    browser.go(server.url("acme", "/people/rules"))
    browser.screenshot("31-rules", full=True)
    browser.click("Ask for the password or a code beside a passkey").click("Save")
    browser.wait("location.pathname === '/confirm/further'", "the question for one thing more, since she came with a passkey alone herself")
    stand_for(browser, check, "one thing more")
    browser.screenshot("32-further")
    browser.dark(True).screenshot("32-further-dark")
    browser.dark(False)
    browser.fill("password", "not this one at all").click("Continue")
    check.that("another password opens nothing", browser.has("Your password is not right"), browser.text[:300])
    browser.fill("password", PASSWORD).click("Continue")
    browser.wait("location.hostname.startsWith('acme.')", "the tenant's host by passkey and password")
    check.that("a passkey and the password let her on", browser.ask("location.pathname") == "/people" and browser.has("Ann Archer"), browser.text[:300])
    sign_out(server, browser)
    browser.go(server.url("acme", "/collections"))
    browser.click("Sign in with a passkey")
    browser.wait("location.pathname === '/confirm/further'", "the question at the next sign-in")
    browser.go(server.url(None, "/account"))
    check.that("her own account is open without", browser.has("ann@acme.example"), browser.text[:300])
    browser.go(server.url("acme", "/people/rules"))
    browser.fill("password", PASSWORD).click("Continue")
    browser.wait("location.pathname === '/people/rules'", "the page of the rules")
    check.that("the rule is as she set it", browser.ask("document.querySelector('[name=further]').checked"))
    browser.click("Ask for the password or a code beside a passkey").click("Save")
    browser.wait("location.pathname === '/people'", "the people again")
    check.that("the operator sees the rule", "A passkey alone is enough" in server.run("tenant", "rules", "acme").stdout, server.run("tenant", "rules", "acme").stdout)

    # After the password
    sign_out(server, browser)
    browser.fill("address", "ann@acme.example").fill("password", PASSWORD).click("Sign in")
    browser.wait("document.querySelector('form[data-passkey]:not([hidden])')", "the second factor")
    stand_for(browser, check, "factor")
    browser.screenshot("22-factor")
    browser.click("Use your passkey")
    browser.wait("location.pathname === '/account'", "her account after password and passkey")
    browser.screenshot("23-account", full=True)
    browser.dark(True).screenshot("23-account-dark", full=True)
    browser.dark(False)
    stand_for(browser, check, "account")

    # The list
    browser.click("Rename or remove")
    browser.screenshot("24-passkey")
    browser.fill("name", "Blue phone").click("Save")
    check.that("a passkey has a name that its owner gave", browser.has("Blue phone"), browser.text[:600])
    browser.click("Rename or remove").click("Remove")
    browser.screenshot("25-passkey-removal")
    browser.click("Remove")
    check.that("the last factor can't be removed", browser.has("only second factor"), browser.text[:400])

    # Confirming
    browser.go(server.url(None, "/confirm?return_to=/account/passkeys/new"))
    stand_for(browser, check, "confirmation")
    browser.screenshot("26-confirm")
    browser.dark(True).screenshot("26-confirm-dark")
    browser.dark(False)
    before = browser.session_cookie()
    browser.click("Confirm with your passkey")
    browser.wait("location.pathname === '/account/passkeys/new'", "what she was about to do")
    check.that("a confirmed session has another token", before and browser.session_cookie() not in (None, before))
    browser.screenshot("27-new-passkey")
    browser.click("Create a passkey")
    browser.wait("/already/.test(document.querySelector('[data-said]').textContent)", "the sentence that the device has one already")
    check.that("one device holds one passkey of an account", True)

    # The device is gone
    browser.remove_authenticator(phone)
    laptop = browser.add_authenticator()
    sign_out(server, browser)
    browser.click("Sign in with a passkey", settle=False)
    browser.wait("document.querySelector('[data-said]').textContent.length > 30", "the sentence that there is no passkey", 60)
    check.that("without the device the page says what to do", browser.has("another way"), browser.text)
    browser.screenshot("28-no-passkey")
    browser.fill("address", "ann@acme.example").fill("password", PASSWORD).click("Sign in")
    browser.click("Use a recovery code").fill("recovery code", codes[0]).click("Continue")
    browser.wait("location.pathname === '/account'", "her account by a recovery code")
    browser.click("Add a passkey")
    browser.click("Create a passkey")
    browser.wait("location.pathname === '/account'", "her account with two passkeys")
    check.equal("two passkeys are listed", browser.ask("[...document.querySelectorAll('a')].filter(a => a.textContent === 'Rename or remove').length"), 2)
    browser.ask("[...document.querySelectorAll('li')].find(e => e.innerText.includes('Blue phone')).querySelector('a').click()")
    browser.settle()
    browser.click("Remove")
    browser.click("Remove")
    browser.wait("location.pathname === '/account'", "her account without the lost passkey")
    check.that("the lost passkey is gone", not browser.has("Blue phone") or browser.has("removed"), browser.text[:400])
    check.that("a mail told of it", "removed" in server.mail("ann@acme.example")["subject"], server.mail("ann@acme.example")["subject"])

    # In the browser's autofill
    sign_out(server, browser)
    browser.after_pages(quiet)
    browser.go(server.url("acme"))
    try:
        browser.wait("location.hostname.startsWith('acme.')", "the tenant's host by the autofill", 10)
        check.that("the autofill's passkey signs in", browser.has("Ann Archer"), browser.text[:300])
    except RuntimeError:
        # Whether a simulated authenticator answers the autofill differs between versions of Chromium.
        browser.click("Sign in with a passkey")
        browser.wait("location.hostname.startsWith('acme.')", "the tenant's host by the button while the autofill waits")
        check.that("the button works while the autofill waits", True)

    # The password is forgotten
    quiet = browser.before_pages("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    browser.go(server.url(None, "/password/forgotten"))
    asked = time.time()
    browser.fill("address", "ann@acme.example").click("Mail me a link")
    browser.go(server.link_in_mail("ann@acme.example", after=asked - 1))
    stand_for(browser, check, "reset")
    browser.click("Use your passkey instead")
    check.that("a passkey does not stand for the new password", browser.has("Choose a new password") and not browser.has("Follow your browser"), browser.text[:300])
    browser.fill("new password", "seven grey herons wade by")
    browser.screenshot("30-reset")
    browser.click("Use your passkey instead")
    browser.wait("location.pathname === '/sign-in' || location.pathname === '/account'", "the page to sign in, with the new password set")
    check.that("a passkey stands for the code when the password is forgotten", browser.has("Your password is set"), browser.text[:300])

    # Without script
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.clear_cookies()
    browser.go(server.url(None, "/sign-in"))
    browser.screenshot("28-sign-in-without-script")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    narrow = dict(width=360, height=780, deviceScaleFactor=1, mobile=True)
    browser.call("Emulation.setDeviceMetricsOverride", **narrow)
    browser.go(server.url(None, "/sign-in")).screenshot("29-sign-in-narrow")
    browser.remove_authenticator(laptop)
    serious = [c for c in browser.complaints if not any(code in c for code in ("401", "403", "404", "409", "422", "favicon"))]
    check.that("the browser complained of nothing", not serious, serious[:5])


def by_hand(check, server):
    """What comes from no browser: replays, other people's questions, other people's passkeys."""
    ann = people.Person("bob@zenith.example", "Bob Barrow")
    server.run("tenant", "create", "zenith", "--name", "Zenith Ltd", "--owner", ann.identifier)
    visitor = people.onboard(server, ann, server.link_in_mail(ann.identifier))
    key = passkeys.add(visitor, server)

    stranger = http.Visitor(server)
    for path in ("/sign-in/factor/passkey/options", "/confirm/passkey/options", "/onboarding/passkey/options"):
        check.equal(f"{path} asks nobody in particular nothing", passkeys.ask(stranger, path).status, 401)
    for path in ("/sign-in/factor/passkey", "/confirm/passkey", "/onboarding/passkey", "/confirm"):
        answer = stranger.post(server.url(None, path), {"credential": "{}", "code": "123456"}, follow=False)
        check.that(f"{path} is for nobody without a session", answer.status in (303, 401), answer)

    options = passkeys.ask(stranger, "/sign-in/passkey/options")
    check.that("the question comes with a cookie of this host alone", "__Host-passkey" in str(options.all("set-cookie")) and options.json["allowCredentials"] == [], options)
    answer = key.answer(options.json)
    thief = http.Visitor(server)
    passkeys.ask(thief, "/sign-in/passkey/options")
    stolen = thief.post(server.url(None, "/sign-in/passkey"), {"credential": answer})
    check.that("an answer to another browser's question is refused", stolen.status == 401 and "__Host-session" not in thief.cookies.get(servers.apex, {}), stolen.status)
    replayed = stranger.post(server.url(None, "/sign-in/passkey"), {"credential": answer})
    check.that("and used up by that", replayed.status == 401, replayed.status)
    options = passkeys.ask(stranger, "/sign-in/passkey/options").json
    answer = key.answer(options)
    came = stranger.post(server.url(None, "/sign-in/passkey?return_to=/account"), {"credential": answer})
    check.that("a right answer signs in", came.status == 200 and "Bob Barrow" in came.text, came)
    again = http.Visitor(server)
    again.cookies = {servers.apex: dict(stranger.cookies[servers.apex])}
    check.equal("once", again.post(server.url(None, "/sign-in/passkey"), {"credential": answer}).status, 401)

    unknown = passkeys.Passkey(server)
    unknown.handle = key.handle
    said = []
    for name, one in (("unknown", unknown), ("wrong origin", passkeys.Passkey(server))):
        other = http.Visitor(server)
        one.handle = key.handle
        one.origin = one.origin if name == "unknown" else "https://evil.example"
        page = other.post(server.url(None, "/sign-in/passkey"), {"credential": one.answer(passkeys.ask(other, "/sign-in/passkey/options").json)})
        said.append((page.status, "could not sign you in" in page.text))
    check.equal("every refusal is the same", set(said), {(401, True)})
    for path in ("/password/reset/nothing", f"/password/reset/{'A' * 43}"):
        check.that(f"{path[:22]}… asks nobody anything", passkeys.ask(stranger, path + "/options").status == 410)
    for rubbish in ("", "{}", "[" * 5000, "x" * 40_000, '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30"}}', "\u0000"):
        page = thief.post(server.url(None, "/sign-in/passkey"), {"credential": rubbish})
        check.that(f"rubbish of {len(rubbish)} characters is refused", page.status in (400, 401, 422), page.status)

    began = time.monotonic()
    for _ in range(50):
        options = passkeys.ask(again, "/sign-in/passkey/options").json
        again.post(server.url(None, "/sign-in/passkey"), {"credential": key.answer(options)}, follow=False)
    print(f"    50 sign-ins by passkey in {time.monotonic() - began:.2f} s")
