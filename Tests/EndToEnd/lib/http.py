"""A small HTTP client that knows the test's server: names resolve to it, its authority is trusted, nothing is followed unasked."""

import html
import http.client
import json as jsons
import re
import socket
import ssl
import urllib.parse
from http.cookies import SimpleCookie

from . import server as servers


class NoAnswer(Exception):
    """The other side closed without an answer."""


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return jsons.loads(self.body)

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __repr__(self):
        return f"{self.status} {self.text[:300]}"


class Connection(http.client.HTTPSConnection):
    """To the server's loopback port, whatever the name."""

    def __init__(self, server, host, timeout):
        context = ssl.create_default_context(cafile=str(server.certificate_authority))
        super().__init__(host, server.port, timeout=timeout, context=context)
        self.loopback = (server.address, server.port)
        # Every address of 127.0.0.0/8 is this machine: a balancer's visitors may come from different ones.
        self.source = getattr(server, "source", None)

    def connect(self):
        self.sock = socket.create_connection(self.loopback, self.timeout, (self.source, 0) if self.source else None)
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


def request(server, method, host, path, headers=None, body=None, json=None, timeout=30, host_header=None):
    connection = Connection(server, host, timeout)
    try:
        headers = dict(headers or {})
        headers.setdefault("Host", host_header or f"{host}:{server.port}")
        if json is not None:
            body = jsons.dumps(json).encode()
            headers.setdefault("Content-Type", "application/json")
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return Response(answer.status, answer.getheaders(), answer.read())
    except (http.client.HTTPException, ConnectionError) as error:
        raise NoAnswer(str(error)) from error
    finally:
        connection.close()


class Visitor:
    """A browser without a screen: cookies for each host, forms, redirects when asked."""

    def __init__(self, server):
        self.server = server
        self.cookies = {}

    def request(self, method, url, headers=None, follow=True, **options):
        for _ in range(12):
            parts = urllib.parse.urlsplit(url)
            path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            host = parts.hostname
            sent = dict(headers or {})
            jar = self.cookies.setdefault(host, {})
            if jar and "Cookie" not in sent:
                sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
            if method not in ("GET", "HEAD"):
                # What every current browser says of a form that its own page sent.
                sent.setdefault("Origin", f"https://{parts.netloc}")
                sent.setdefault("Sec-Fetch-Site", "same-origin")
                sent.setdefault("Sec-Fetch-Mode", "navigate")
                sent.setdefault("Sec-Fetch-Dest", "document")
            answer = request(self.server, method, host, path, sent, **options)
            answer.url = url
            for line in answer.all("set-cookie"):
                for name, morsel in SimpleCookie(line).items():
                    if morsel["max-age"] == "0" or morsel.value == "":
                        jar.pop(name, None)
                    else:
                        jar[name] = morsel.value
            # The page between signing in and the application: browsers leave it at once.
            onward = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text) if follow and answer.status == 200 else None
            if not onward and (not follow or answer.status not in (301, 302, 303, 307, 308)):
                return answer
            url = urllib.parse.urljoin(url, html.unescape(onward.group(1)) if onward else answer.header("location"))
            if not (urllib.parse.urlsplit(url).hostname or "").endswith(servers.apex):
                # Back to an application of somebody's own, which is this test.
                answer.url = url
                return answer
            if onward or answer.status in (302, 303):
                method, options = "GET", {}
        raise RuntimeError("too many redirects, the last to " + url)

    def get(self, url, **options):
        return self.request("GET", url, **options)

    def post(self, url, fields, **options):
        headers = {"Content-Type": "application/x-www-form-urlencoded", **options.pop("headers", {})}
        return self.request("POST", url, headers=headers, body=urllib.parse.urlencode(fields).encode(), **options)

    def submit(self, page, fields, action=None, **options):
        """Sends the form of `page` that has all of `fields` (or posts to `action`), hidden values included."""
        from .forms import forms
        for form in forms(page.text):
            if form.method != "post" or (action and action not in form.action):
                continue
            if set(fields) <= set(form.values):
                return self.post(urllib.parse.urljoin(page.url, form.action or page.url), {**form.filled(), **fields}, **options)
        found = [(form.method, form.action, sorted(form.values)) for form in forms(page.text)]
        raise RuntimeError(f"no form with {sorted(fields)} at {page.url} ({page.status}); there are {found}: {page.text[:600]}")


class SocketConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class LocalSocket:
    """The server's Unix socket, which the commands use; one connection that is kept."""

    def __init__(self, server, timeout=120):
        self.connection = SocketConnection(str(server.data / "holdfast.sock"), timeout)

    def ask(self, method, path, json=None):
        body = jsons.dumps(json).encode() if json is not None else None
        self.connection.request(method, path, body=body, headers={"Content-Type": "application/json", "Host": "localhost"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]!r}")
        return jsons.loads(text) if text else None
