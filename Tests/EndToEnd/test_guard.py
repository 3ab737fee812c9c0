"""Who misbehaves is kept out from the next request on, and nobody else is. Each 127.0.0.x is a visitor of its own here."""

import json
import subprocess

from lib import http, people
from lib.server import Server, apex, executable


def visit(server, source, path="/sign-in", method="GET", **more):
    server.source = source
    try:
        return http.request(server, method, apex, path, **more)
    finally:
        server.source = None


def command(server, *words):
    done = subprocess.run([str(executable()), *words, "--data", str(server.data)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def scanner(check):
    with Server("guard", options=["--guard-loopback"]) as server:
        for path in ["/.env", "/wp-login.php", "/.git/config"]:
            check.equal(f"a scanner asks for {path}", visit(server, "127.0.0.2", path).status, 404)
        for path in ["/sign-in", "/", "/trust", "/oauth/token", "/assets/portal.css"]:
            answer = visit(server, "127.0.0.2", path, headers={"Accept": "application/json"})
            check.must(f"and is refused at {path}", answer.status == 429, answer)
            check.that("which says for how long", 1 <= int(answer.header("Retry-After")) <= 60, answer.headers)
            check.that("and why", answer.json["code"] == "banned" and "until" in answer.json["detail"], answer)
        page = visit(server, "127.0.0.2", headers={"Accept": "text/html"})
        check.that("a person gets a page that says so", page.status == 429 and "text/html" in page.header("Content-Type") and "until" in page.text, page)
        check.equal("health is told to everybody", visit(server, "127.0.0.2", "/health/live").status, 200)
        for neighbour in ["127.0.0.1", "127.0.0.3", "127.0.1.2"]:
            check.equal(f"{neighbour} did nothing and comes in", visit(server, neighbour).status, 200)

        code, text, _ = command(server, "ban", "list", "--json")
        check.equal("the ban is listed", [(ban["addresses"], ban["reason"], ban["strike"], ban["state"]) for ban in json.loads(text)],
                    [("127.0.0.2", "probe", 1, "in-force")])
        check.equal("lifting it works", command(server, "ban", "lift", "127.0.0.2")[0], 0)
        check.equal("at once", visit(server, "127.0.0.2").status, 200)
        check.equal("and once", command(server, "ban", "lift", "127.0.0.2")[0], 2)
        check.equal("nonsense can't be lifted", command(server, "ban", "lift", "nonsense")[0], 2)
        check.equal("a length that is none is wrong usage", command(server, "ban", "add", "127.0.0.9", "--for", "soon")[0], 2)

        check.equal("a network is banned by hand", command(server, "ban", "add", "127.0.9.0/24", "--for", "1h")[0], 0)
        check.equal("all of it", visit(server, "127.0.9.77").status, 429)
        check.equal("and no other", visit(server, "127.0.8.77").status, 200)

        check.equal("an address is put on the list", command(server, "ban", "allow", "add", "127.0.0.4")[0], 0)
        check.equal("and may do as it likes", [visit(server, "127.0.0.4", "/.env").status for _ in range(5)], [404] * 5)
        check.equal("it is taken off the list", command(server, "ban", "allow", "remove", "127.0.0.4")[0], 0)
        check.equal("and is like any other", [visit(server, "127.0.0.4", "/.env").status for _ in range(4)], [404, 404, 404, 429])

        server.stop()
        server.start()
        check.equal("a restart forgets no ban", visit(server, "127.0.9.77").status, 429)


def console(check):
    with Server("guard-console", options=["--guard-loopback"]) as server:
        person = people.Person("op@vendor.example", "Olga Op")
        operator = people.onboard(server, person, server.claim_link())
        server.source = "127.0.0.5"
        stranger = http.Visitor(server)
        page = stranger.get(server.url(None, "/sign-in"))
        answers = [stranger.submit(page, {"identifier": "op@vendor.example", "password": f"wrong guess {number}"}).status for number in range(40)]
        check.that("guessing the operator's password ends in a ban", answers[0] == 401 and answers[-1] == 429, answers)
        refused = stranger.get(server.url(None, "/sign-in"))
        server.source = None
        check.that("which holds for every page", refused.status == 429 and "until" in refused.text, refused)
        page = operator.get(server.url(None, "/bans"))
        check.that("the operator's own session goes on, and the page shows the ban", page.status == 200 and "127.0.0.5" in page.text, page)
        letter = server.mail("op@vendor.example", alarm=True)
        check.that("a mail told of it", "127.0.0.5" in letter["subject"] and "/alarms/" in letter.get_content(), letter["subject"])
        again = people.sign_in(server, person, server.url(None, "/sign-in?return_to=/account"))
        check.that("and its owner can sign in anew meanwhile, where they did before", again.last.status == 200 and "Olga Op" in again.last.text, again.last)
        ban = server.json("ban", "list")[0]["id"]
        after = operator.post(server.url(None, f"/bans/{ban}/lift"), {})
        check.that("lifting it says so and offers the way back", "may come in again" in after.text and f"/bans/{ban}/reinstate" in after.text, after)
        check.equal("the address is let in", visit(server, "127.0.0.5").status, 200)
        operator.post(server.url(None, f"/bans/{ban}/reinstate"), {})
        check.equal("and kept out again", visit(server, "127.0.0.5").status, 429)
        page = operator.submit(operator.get(server.url(None, "/bans")), {"addresses": "nonsense"}, action="/bans/allowed")
        check.that("a range that is none is said beside the field", page.status in (400, 422) and "192.0.2.0/24" in page.text, page)
        page = operator.submit(operator.get(server.url(None, "/bans")), {"addresses": "127.0.0.5"}, action="/bans/allowed")
        check.equal("who is put on the list comes in at once", visit(server, "127.0.0.5").status, 200)
        check.equal("the page is there for operators alone", http.Visitor(server).get(server.url(None, "/bans"), follow=False).status, 303)


def known(check):
    with Server("guard-known", options=["--guard-loopback"]) as server:
        server.source = "127.0.0.6"
        person, home = people.owner_of(server, "acme", "Acme Ltd", "ann@acme.example", "Ann Archer")
        for path in ["/.env", "/wp-login.php", "/.git/config"]:
            visit(server, "127.0.0.6", path)
        server.source = "127.0.0.6"
        check.equal("somebody else scans from her office, which is shut", http.Visitor(server).get(server.url(None, "/sign-in")).status, 429)
        check.equal("she goes on working there", home.get(server.url("acme", "/collections")).status, 200)
        home.post(server.url("acme", "/sign-out"), {}, follow=False)
        page = people.sign_in(server, person, server.url(None, "/sign-in"), home).last
        check.that("signed out, she gets in anew, since her browser is known", page.status == 200 and "Ann Archer" in page.text, page)
        home.get(server.url("acme"))
        inside = home.get(server.url("acme", "/collections"))
        check.that("and over to her organisation", inside.status == 200 and inside.url.startswith("https://acme."), inside)
        thief = http.Visitor(server)
        thief.cookies = {"holdfast.localhost": {"__Host-device": home.cookies["holdfast.localhost"]["__Host-device"]}}
        page = thief.get(server.url(None, "/sign-in"))
        answers = []
        for number in range(30):
            answer = thief.post(server.url(None, "/sign-in"), {"identifier": "olga@acme.example", "password": f"guess {number}"}, follow=False)
            answers.append(answer.status)
        check.that("a stolen cookie gives few guesses, and then none at all", page.status == 200 and answers[0] == 401 and answers[-1] == 429 and "until" in answer.text, answers)
        check.equal("nor does it open anything else", thief.get(server.url(None, "/trust")).status, 429)
        server.source = None


def guesser(check):
    guess = {"method": "POST", "body": b"grant_type=authorization_code&client_id=nobody&code=guess",
             "headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    with Server("guard-tokens", options=["--guard-loopback"]) as server:
        answers = [visit(server, "127.0.0.2", "/oauth/token", **guess).status for _ in range(27)]
        check.that("guessing tokens is stopped", set(answers[:25]) <= {400, 401} and answers[26] == 429, answers)
    with Server("guard-exempt") as server:
        check.equal("this machine is exempt unless asked", [visit(server, "127.0.0.2", "/.env").status for _ in range(8)], [404] * 8)


def test(check):
    """Who misbehaves is kept out from the next request on, and nobody else is."""
    scanner(check)
    console(check)
    known(check)
    guesser(check)
