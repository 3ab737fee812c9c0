"""Two tenants with the same names, slugs and people, each with a canary: nothing of one is ever seen at the other."""

import concurrent.futures
import json
import re

from lib import http, passkey, people
from lib.server import Server, apex, host

CANARIES = {"acme": "canary-ochre-7f3a1c", "zenith": "canary-teal-9b2e4d"}
NAMES = {"acme": "Acme Ltd", "zenith": "Zenith Ltd"}


class Side:
    """One tenant with its owner: session, token, a collection, a record."""

    def __init__(self, server, label):
        self.server, self.label = server, label
        # The same words on both sides but for the address, which is one person's alone.
        self.person, self.visitor = people.owner_of(server, label, NAMES[label], f"ann@{label}.example", "Ann Archer", "sandbox")
        self.client = people.make_client(server, label)
        answer = people.access_token(server, self.visitor, self.client, label)
        self.token, self.id_token = answer["access_token"], answer.get("id_token")
        self.api = people.API(server, label, self.token)

    def furnish(self, check):
        made = self.api.ask("POST", "/collections", {"slug": "notes", "name": "Notes", "title_field": "name", "fields": [
            {"key": "name", "label": "Name", "type": "text", "required": True, "indexed": True}, {"key": "body", "label": "Body", "type": "longText"}]})
        check.must(f"{self.label}: a collection", made.status in (200, 201), made)
        for number in range(5):
            made = self.api.ask("POST", "/collections/notes/records", {"values": {"name": f"Note {number}", "body": CANARIES[self.label]}})
            check.must(f"{self.label}: a record", made.status in (200, 201), made) if made.status not in (200, 201) else None
        self.record, self.etag = made.json["id"], made.header("etag")

    @property
    def other(self):
        return CANARIES["zenith" if self.label == "acme" else "acme"]

    def path(self, path):
        return self.server.url(self.label, path)


def test(check):
    """Nothing of one tenant is valid or visible at another (quality: 1–11, 22–24)"""
    with Server("isolation") as server:
        a, b = Side(server, "acme"), Side(server, "zenith")
        for side in (a, b):
            side.furnish(check)
        seen_by_b = []

        def as_b(method, path, **options):
            answer = b.api.ask(method, path, **options)
            seen_by_b.append(answer.text)
            return answer

        # 1. The same address at both hosts, in turn and at once.
        for _ in range(3):
            for side in (a, b):
                answer = side.api.ask("GET", "/collections/notes/records?limit=5")
                check.that(f"1. {side.label} lists its own", CANARIES[side.label] in answer.text and side.other not in answer.text, answer)
        check.equal("1. A's record at B is 404", as_b("GET", f"/collections/notes/records/{a.record}").status, 404)
        for method in ("PATCH", "PUT", "DELETE"):
            body = None if method == "DELETE" else {"values": {"name": "stolen"}}
            answer = as_b(method, f"/collections/notes/records/{a.record}", json=body, headers={"If-Match": a.etag or '"1"'})
            check.that(f"1. {method} of A's record at B is 404 or 405", answer.status in (404, 405), answer)

        # 2. Sessions.
        stolen = {"Cookie": "; ".join(f"{name}={value}" for name, value in a.visitor.cookies[host("acme")].items())}
        check.that("2. A's host sets a __Host- cookie", "__Host-session=" in stolen["Cookie"], stolen["Cookie"][:40])
        page = http.request(server, "GET", host("zenith"), "/collections/notes", {**stolen, "Accept": "text/html"})
        check.that("2. A's cookie at B opens no page", page.status in (302, 303, 401) and CANARIES["acme"] not in page.text and CANARIES["zenith"] not in page.text, page)
        answer = http.request(server, "GET", host("zenith"), "/api/v1/collections/notes/records", stolen)
        check.equal("2. A's cookie at B's API is 401", answer.status, 401)
        apex_cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in a.visitor.cookies[apex].items())}
        answer = http.request(server, "GET", host("acme"), "/api/v1/collections/notes/records", apex_cookies)
        check.equal("2. the apex's cookie at a tenant's API is 401", answer.status, 401)
        answer = http.request(server, "GET", host("acme-sandbox"), "/api/v1/collections/notes/records", stolen)
        check.equal("2. production's cookie at the sandbox is 401", answer.status, 401)
        tenant_page = a.visitor.get(b.path("/collections"))
        check.that("2. A's owner, signed in at the apex, does not enter B", tenant_page.status in (401, 403, 404) and CANARIES["zenith"] not in tenant_page.text
                   and "Notes" not in tenant_page.text, tenant_page)

        # 3. Forwarded headers of somebody who is no proxy.
        for header in ("X-Forwarded-Host", "X-Original-Host", "Forwarded", "X-Host"):
            value = f"host={host('zenith')}" if header == "Forwarded" else f"{host('zenith')}:{server.port}"
            answer = a.api.ask("GET", "/collections/notes/records", headers={header: value})
            check.that(f"3. {header} changes nothing", CANARIES["acme"] in answer.text and CANARIES["zenith"] not in answer.text, answer)
        a.api.ask("GET", "/collections", headers={"X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.7"})
        http.request(server, "GET", apex, "/sign-in", {"X-Forwarded-For": "198.51.100.7"})
        entries = json.dumps(server.json("audit", "list", "--limit", "500"))
        check.that("3. a forwarded address is not believed", "198.51.100" not in entries)

        # 4. Imports of both, at once.
        for side in (a, b):
            path = server.folder / f"{side.label}.csv"
            path.write_text("name,body\n" + "".join(f"Imported {n},{CANARIES[side.label]}\n" for n in range(200)))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            done = list(pool.map(lambda side: server.run("import", side.label, "notes", str(server.folder / f"{side.label}.csv"), check=False), (a, b)))
        check.equal("4. two imports at once", [(d.returncode, d.stderr) for d in done], [(0, ""), (0, "")])
        for side in (a, b):
            exported = server.run("export", side.label, "notes", "--format", "csv").stdout
            check.that(f"4. {side.label} exports its own 205 and nothing else", exported.count(CANARIES[side.label]) == 205 and side.other not in exported,
                       (exported.count(CANARIES[side.label]), exported[:200]))

        # 5. Export and operations by address.
        export = http.request(server, "GET", host("zenith"), "/collections/notes/export?format=csv", stolen)
        check.that("5. A's session exports nothing at B", export.status in (302, 303, 401, 404) and CANARIES["zenith"] not in export.text, export)
        operations = re.findall(r'"id":\s*"([0-9a-f-]{36})"', a.api.ask("GET", "/operations").text)
        for operation in operations[:3]:
            check.equal("5. A's operation at B is 404", as_b("GET", f"/operations/{operation}").status, 404)

        # 6. Paths.
        for path in ("/../acme/collections", "/assets/../../databases/control", "/assets/%2e%2e/%2e%2e/master.key", "/collections/..%2f..%2facme",
                     f"//{host('acme')}/collections", "/api/v1/collections/../../../../master.key"):
            answer = http.request(server, "GET", host("zenith"), path, {"Authorization": f"Bearer {b.token}"})
            check.that(f"6. {path} leads nowhere", answer.status in (302, 303, 400, 401, 404, 421) and CANARIES["acme"] not in answer.text, answer)

        # 7. Search.
        for query in (f"search={CANARIES['acme']}", "search=canary", f"filter=body%20~%20%22{CANARIES['acme']}%22"):
            check.that(f"7. {query[:14]}… at B finds nothing of A", CANARIES["acme"] not in as_b("GET", f"/collections/notes/records?{query}").text.replace(query, ""))

        # 11, 12. Tokens.
        wrong = people.API(server, "zenith", a.token)
        check.equal("11. A's token at B is 401", wrong.ask("GET", "/collections/notes/records").status, 401)
        check.equal("11. A's token at A's sandbox is 401", people.API(server, "acme-sandbox", a.token).ask("GET", "/collections").status, 401)
        for _ in range(3):
            people.API(server, "acme", a.token).ask("GET", "/collections/notes/records")
            check.equal("11. and stays 401 after it was used at A", wrong.ask("GET", "/collections/notes/records").status, 401)
        if a.id_token:
            check.equal("12. an ID token is no access token", people.API(server, "acme", a.id_token).ask("GET", "/collections").status, 401)
        for what, token in (("no token", None), ("rubbish", "x.y.z"), ("an unsigned one", unsigned(a.token)), ("one with a changed audience", changed(a.token, b.token))):
            check.equal(f"12. {what} is 401", people.API(server, "zenith", token).ask("GET", "/collections").status, 401)
        try:
            people.access_token(server, a.visitor, b.client, "zenith")
            check.that("11. A's owner gets no token for B", False)
        except RuntimeError as refused:
            check.that("11. A's owner gets no token for B", "no code" in str(refused) or "no token" in str(refused), refused)

        # 15. People's own things at the apex: A's passkey for B.
        passkey.add(a.visitor, server)
        mine = re.search(r"/account/passkeys/([0-9a-f-]{36})", a.visitor.get(server.url(None, "/account")).text).group(1)
        for method, path in (("GET", ""), ("POST", ""), ("GET", "/removal"), ("POST", "/removal")):
            url = server.url(None, f"/account/passkeys/{mine}{path}")
            answer = b.visitor.get(url) if method == "GET" else b.visitor.post(url, {"name": "stolen", "sure": "yes"})
            check.that(f"15. {method} of A's passkey{path} by B is 404", answer.status == 404 and "Rename" not in answer.text, answer.status)
        check.that("15. and A's passkey is as it was", f"/account/passkeys/{mine}" in a.visitor.get(server.url(None, "/account")).text)
        # And B's administrator for A's people: no reset of factors, by whatever address.
        member = re.search(r'"account":\s*"([0-9a-f-]{36})"', a.api.ask("GET", "/people").text).group(1)
        for path in ("", "/approval", "/withdrawal"):
            answer = b.visitor.post(b.path(f"/people/{member}/factor-reset{path}"), {"reset": mine})
            check.that(f"15. B resets no factor of A's people{path}", answer.status == 404, answer.status)
        # Devices: A's own for B, and A's people for B's administrator.
        device = re.search(r"/account/devices/([0-9a-f-]{36})", a.visitor.get(server.url(None, "/account/access")).text).group(1)
        for method, path in (("GET", ""), ("POST", "/name"), ("POST", "/trust"), ("POST", "/distrust"), ("POST", "/revoke")):
            url = server.url(None, f"/account/devices/{device}{path}")
            answer = b.visitor.get(url) if method == "GET" else b.visitor.post(url, {"name": "stolen"})
            check.equal(f"15. {method} of A's device{path} by B is 404", answer.status, 404)
        check.equal("15. B sees no devices of A's people", b.visitor.get(b.path(f"/people/{member}/devices")).status, 404)
        check.equal("15. nor by API", b.api.ask("GET", f"/people/{member}/devices").status, 404)
        check.equal("15. nor ends their sessions", b.visitor.post(b.path(f"/people/{member}/devices/{device}/end"), {}).status, 404)
        check.equal("15. nor by API", b.api.ask("DELETE", f"/people/{member}/devices/{device}/sessions").status, 404)
        for url in (server.url(None, f"/account/risks/{device}/dismiss"), b.path(f"/people/risks/{device}/dismiss")):
            check.equal("15. nor settles what is not theirs", b.visitor.post(url, {}).status, 404)
        for method, path in (("GET", f"/people/{member}"), ("GET", f"/people/{member}/leaving"), ("POST", f"/people/{member}/leaving"), ("POST", f"/people/{member}/return"),
                             ("POST", f"/people/{member}/roles"), ("GET", f"/access/notes/{a.record}"), ("GET", "/staff"), ("POST", f"/staff/{member}")):
            answer = b.visitor.get(b.path(path)) if method == "GET" else b.visitor.post(b.path(path), {"how": "remove", "role": "owner", "kind": "production"})
            check.that(f"15. {method} {path.replace(member, '…')} of A's by B is 404", answer.status == 404 and CANARIES["acme"] not in answer.text and "ann@acme" not in answer.text, answer.status)
        for path in ("/access", "/access/notes", "/preview?role=owner", "/vendor", "/roles", "/roles/owner", "/people/invite", "/backups", "/backups/own-copies"):
            page = b.visitor.get(b.path(path))
            check.that(f"15. {path} of B speaks of B alone", page.status == 200 and "ann@acme" not in page.text and "acme." not in page.text, (page.status, page.text[:200]))
            check.that(f"15. {path} is nothing for a stranger", http.Visitor(server).get(b.path(path), follow=False).status == 303)
        nobody = "01a2010d-8a80-788b-8074-b60a079c6205"
        for method, path in (("GET", f"/backups/restores/{nobody}"), ("GET", f"/backups/restores/{nobody}/events"), ("POST", f"/backups/restores/{nobody}/undo"),
                             ("POST", f"/backups/copies/{nobody}/remove"), ("POST", "/backups/restores"), ("GET", "/backups/moment"),
                             ("GET", f"/backups/own-copies/{nobody}"), ("POST", f"/backups/own-copies/{nobody}/file"), ("POST", "/backups/own-copies"),
                             ("POST", "/backups/own-copy-recipients")):
            stranger = http.Visitor(server)
            answer = stranger.get(b.path(path), follow=False) if method == "GET" else stranger.post(b.path(path), {"at": "2026-01-01T00:00:00"}, follow=False)
            check.that(f"15. {method} {path.replace(nobody, '…')} is nothing for a stranger", answer.status in (303, 401, 403), answer.status)
        for path in (f"/people/{member}/access", f"/people/{member}/suspension", f"/people/{member}/successor", f"/people/{member}/roles"):
            for method in ("GET", "PUT", "DELETE"):
                body = {"account": member, "roles": ["reader"]} if method == "PUT" else None
                answer = as_b(method, path, **({"json": body} if body else {}))
                check.that(f"15. {method} {path.replace(member, '…')} by B's token is nothing", answer.status in (400, 404, 405, 422), answer)
        apart = http.Visitor(server)
        for path in (f"/sign-out/everywhere/{'A' * 43}", f"/sign-in/confirmation/{'A' * 43}"):
            check.equal(f"15. {path[:21]}… is no link", apart.get(server.url(None, path)).status, 410)
        for path in ("/account/access", "/account/access/end", f"/account/devices/{device}", "/sign-in/waiting"):
            check.equal(f"15. {path[:22]} is nobody's to see", apart.get(server.url(None, path), follow=False).status, 303)
        for path in ("/factor-reset/nothing", f"/factor-reset/{'A' * 43}"):
            check.equal(f"15. {path[:21]}… is no link", apart.get(server.url(None, path)).status, 410)
        for method, path in (("GET", "/account/passkeys/new"), ("GET", f"/account/passkeys/{mine}"), ("GET", "/confirm"), ("POST", f"/account/passkeys/{mine}"),
                             ("POST", f"/account/passkeys/{mine}/removal"), ("POST", "/account/authenticator/removal"), ("POST", "/account/recovery-codes"),
                             ("GET", "/account/authenticator/removal"), ("POST", "/confirm"), ("POST", "/confirm/passkey"), ("POST", "/confirm/passkey/options"),
                             ("GET", "/confirm/further"), ("POST", "/confirm/further"),
                             ("POST", "/onboarding/passkey"), ("POST", "/onboarding/passkey/options"), ("POST", "/sign-in/factor/passkey"),
                             ("POST", "/sign-in/factor/passkey/options"), ("POST", "/sign-in/passkey"), ("GET", "/account/recovery-codes")):
            answer = apart.request(method, server.url(None, path), follow=False, headers={"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else None,
                                   **({"body": b"code=123456&name=x&credential=%7B%7D"} if method == "POST" else {}))
            check.that(f"15. {method} {path.replace(mine, '…')} is nothing for a stranger", answer.status in (303, 401) and "__Host-session=" not in str(answer.all("set-cookie")), answer.status)
            check.that(f"15. {path.replace(mine, '…')} is at the apex alone", apart.request(method, a.path(path), follow=False, headers={"Content-Type": "application/x-www-form-urlencoded"},
                       **({"body": b"x=y"} if method == "POST" else {})).status in (401, 404))

        # 22. Errors on one side, reads on the other.
        def mixed(number):
            if number % 2:
                a.api.ask("GET", "/collections/notes/records?filter=%28%28%28&sort=nothing&limit=-1")
                a.api.ask("POST", "/collections/notes/records", {"values": {"nothing": 1}})
                return None
            return b.api.ask("GET", "/collections/notes/records?limit=50")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = [answer for answer in pool.map(mixed, range(80)) if answer]
        check.that("22. errors at A leave B's answers right", all(answer.status == 200 and CANARIES["zenith"] in answer.text and CANARIES["acme"] not in answer.text for answer in answers),
                   [answer.status for answer in answers])

        # 23. Cursors and ETags.
        cursor = a.api.ask("GET", "/collections/notes/records?limit=2").json.get("next")
        check.that("23. there is a cursor", cursor)
        check.equal("23. A's cursor at B is 400", as_b("GET", f"/collections/notes/records?limit=2&cursor={cursor}").status, 400)
        mine = b.api.ask("GET", f"/collections/notes/records/{b.record}")
        answer = as_b("GET", f"/collections/notes/records/{b.record}", headers={"If-None-Match": '"999"'})
        check.that("23. a foreign ETag is not taken", answer.status == 200 and mine.header("etag"), answer)

        # 24. Mail.
        for label in ("acme", "zenith"):
            text = server.mail(f"ann@{label}.example").as_string()
            other = "Zenith" if label == "acme" else "Acme"
            check.that(f"24. {label}'s mail speaks of {label} alone", other not in text and other.lower() not in text, text[:300])

        check.that("nothing that B saw held A's canary", not any(CANARIES["acme"] in text for text in seen_by_b))
        # 9. Logs; 10. metrics.
        log = server.printed()
        check.that("9. no canary, address or name in the server's log", not any(word in log for word in (*CANARIES.values(), "ann@acme", "Ann Archer", a.token[:40])))
        metrics = http.request(server, "GET", apex, "/metrics")
        check.that("10. no metrics without asking for them", metrics.status in (302, 303, 401, 404), metrics)
        for side in (a, b):
            export = server.run("audit", "export", side.label).stdout
            check.that(f"9. no canary in {side.label}'s audit log", not any(word in export for word in (*CANARIES.values(), "Note 1", "Ann Archer", "ann@")))
            check.that("nor is the other's identifier", side.record in export or "record_created" in export)


def unsigned(token):
    """`alg: none`, the same claims, no signature."""
    import base64
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "at+jwt"}).encode()).rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def changed(token, other):
    """One token's head and signature around another's claims."""
    head, _, signature = token.split(".")
    return f"{head}.{other.split('.')[1]}.{signature}"
