#!/usr/bin/env python3
"""Gets an access token for one environment's API, as a native application does (RFC 8252): you sign in with your browser.

    holdfast client create "My script" --environment acme --redirect http://127.0.0.1/callback
    python3 docs/examples/access-token.py https://acme.holdfast.localhost:8443 CLIENT-ID --ca data/tls/ca.pem

Prints the token alone on standard output. Needs nothing but Python.
"""

import argparse
import base64
import hashlib
import http.client
import http.server
import json
import secrets
import socket
import ssl
import sys
import urllib.parse


class Connection(http.client.HTTPSConnection):
    """Names below localhost are this machine, whether or not its resolver knows."""

    def connect(self):
        host = "127.0.0.1" if self.host.endswith("localhost") else self.host
        self.sock = self._context.wrap_socket(socket.create_connection((host, self.port), self.timeout), server_hostname=self.host)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("environment", help="the environment's address")
    parser.add_argument("client", help="the application's client id")
    parser.add_argument("--apex", help="the provider's address; the environment's without its first label if left out")
    parser.add_argument("--ca", help="certificate authority to trust, for development")
    parser.add_argument("--scope", default="openid read write")
    options = parser.parse_args()
    environment = options.environment.rstrip("/")
    parts = urllib.parse.urlsplit(environment)
    apex = options.apex or f"{parts.scheme}://{parts.netloc.partition('.')[2]}"

    verifier, state, answer = secrets.token_urlsafe(48), secrets.token_urlsafe(16), {}

    class Callback(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            answer.update(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.end_headers()
            self.wfile.write("You can close this page and go back to the terminal.".encode())

        def log_message(self, *_):
            pass

    listener = http.server.HTTPServer(("127.0.0.1", 0), Callback)
    redirect = f"http://127.0.0.1:{listener.server_port}/callback"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = urllib.parse.urlencode({
        "response_type": "code", "client_id": options.client, "redirect_uri": redirect, "scope": options.scope, "state": state,
        "code_challenge": challenge, "code_challenge_method": "S256", "resource": environment})
    print(f"Open this in your browser:\n\n    {apex}/oauth/authorize?{query}\n", file=sys.stderr)
    while "state" not in answer:
        listener.handle_request()
    if answer.get("state") != state or "code" not in answer:
        sys.exit(f"No token: {answer.get('error_description') or answer.get('error') or 'the answer was not for this request'}")

    provider = urllib.parse.urlsplit(apex)
    connection = Connection(provider.hostname, provider.port or 443, timeout=30, context=ssl.create_default_context(cafile=options.ca))
    body = urllib.parse.urlencode({
        "grant_type": "authorization_code", "code": answer["code"], "redirect_uri": redirect, "client_id": options.client, "code_verifier": verifier})
    connection.request("POST", "/oauth/token", body, {"Content-Type": "application/x-www-form-urlencoded", "Host": provider.netloc})
    response = connection.getresponse()
    content = json.loads(response.read())
    if response.status != 200:
        sys.exit(f"No token: {content.get('error_description') or content.get('error')}")
    print(content["access_token"])


main()
