"""People who join and sign in by the pages' own forms, without a browser."""

import base64
import hashlib
import re
import secrets
import urllib.parse

from . import http, totp


class Person:
    def __init__(self, identifier, name, password="quartz-otter-linden-4271"):
        self.identifier = identifier
        self.name = name
        self.password = password
        self.authenticator = None
        self.recovery_codes = []

    def visitor(self, server):
        return http.Visitor(server)


def key_of(html):
    """The secret that the enrolment page shows for typing."""
    found = re.search(r'id="key"[^>]*>([A-Z2-7 \-]+)<', html)
    if not found:
        raise RuntimeError("no key to type on the page: " + html[:1500])
    return re.sub(r"[ \-]", "", found.group(1))


def onboard(server, person, link, visitor=None):
    """Follows an invitation's or the first operator's link: password, second factor, recovery codes. Returns the visitor, signed in at the apex."""
    visitor = visitor or http.Visitor(server)
    page = visitor.get(link)
    fields = {"name": person.name, "password": person.password}
    if 'name="identifier"' in page.text:
        fields["identifier"] = person.identifier
    return onboard_factor(server, person, visitor, visitor.submit(page, fields))


def onboard_factor(server, person, visitor, page):
    """From the page that offers a second factor on: the authenticator app, recovery codes."""
    person.authenticator = totp.Authenticator(key_of(page.text))
    page = visitor.submit(page, {"code": person.authenticator.code()})
    person.recovery_codes = [code.strip() for code in re.findall(r"<li>([a-z2-7\-]{10,})</li>", page.text)]
    visitor.last = visitor.submit(page, {"kept": "on"})
    return visitor


def sign_in(server, person, url, visitor=None):
    """Opens `url` as somebody who isn't signed in yet; returns the visitor with `last`, the page that it ended at."""
    visitor = visitor or http.Visitor(server)
    page = visitor.get(url)
    if 'name="identifier"' in page.text:
        page = visitor.submit(page, {"identifier": person.identifier, "password": person.password})
    if 'name="code"' in page.text and "/sign-in/factor" in page.text:
        page = visitor.submit(page, {"code": person.authenticator.code()})
    visitor.last = page
    return visitor


def owner_of(server, slug, name, identifier, person_name, *environments):
    """Makes a tenant with an owner who has joined it; returns the person and a visitor signed in at the tenant's production."""
    options = [part for kind in environments for part in ("--environment", kind)]
    server.run("tenant", "create", slug, "--name", name, "--owner", identifier, *options)
    person = Person(identifier, person_name)
    visitor = onboard(server, person, server.link_in_mail(identifier))
    page = visitor.get(server.url(slug))
    if urllib.parse.urlsplit(page.url).hostname != f"{slug}.holdfast.localhost" or page.status != 200:
        raise RuntimeError(f"the new owner did not come in: {page.url} {page}")
    return person, visitor


REDIRECT = "http://127.0.0.1/callback"


def make_client(server, label, name="End-to-end tests"):
    """Registers a native application for one environment; returns its id."""
    return server.json("client", "create", name, "--environment", label, "--redirect", REDIRECT)["id"]


def access_token(server, visitor, client, label, scope="openid read write"):
    """Authorization code with PKCE (RFC 7636), as a native application of `visitor`'s. Returns the token endpoint's answer."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    state = secrets.token_urlsafe(12)
    query = urllib.parse.urlencode({
        "response_type": "code", "client_id": client, "redirect_uri": REDIRECT, "scope": scope, "state": state, "nonce": secrets.token_urlsafe(12),
        "code_challenge": challenge, "code_challenge_method": "S256", "resource": server.url(label, "")})
    page = visitor.get(server.url(None, "/oauth/authorize?" + query))
    answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).query))
    if not page.url.startswith(REDIRECT) or answer.get("state") != state or "code" not in answer:
        raise RuntimeError(f"no code: {page.url} {page}")
    response = http.request(
        server, "POST", "holdfast.localhost", "/oauth/token", {"Content-Type": "application/x-www-form-urlencoded"},
        urllib.parse.urlencode({"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": REDIRECT, "client_id": client,
                                "code_verifier": verifier}).encode())
    if response.status != 200:
        raise RuntimeError(f"no token: {response}")
    return response.json


class API:
    """One environment's API with one bearer token."""

    def __init__(self, server, label, token=None):
        self.server, self.label, self.token = server, label, token

    def ask(self, method, path, json=None, headers=None, **options):
        sent = dict(headers or {})
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        return http.request(self.server, method, f"{self.label}.holdfast.localhost", "/api/v1" + path, sent, json=json, **options)
