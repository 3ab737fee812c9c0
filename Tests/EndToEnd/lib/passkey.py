"""A passkey made of software: what a browser and an authenticator would answer together (W3C Web Authentication, sections 6 and 7)."""

import base64
import hashlib
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, CREDENTIAL = 0x01, 0x04, 0x40


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor_bytes(value):
    head = bytes([0x58, len(value)]) if len(value) < 256 else b"\x59" + len(value).to_bytes(2, "big")
    return head + value


class Passkey:
    """For the origin of one server's apex."""

    def __init__(self, server):
        self.origin = server.url(None, "")
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.handle = None

    def client_data(self, kind, options):
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}).encode()

    def public(self, response):
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "clientExtensionResults": {}, "response": response})

    def register(self, options):
        """The answer to creation options, as the form field `credential` wants it."""
        self.handle = data(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = b"\xa5\x01\x02\x03\x26\x20\x01\x21" + cbor_bytes(numbers.x.to_bytes(32, "big")) + b"\x22" + cbor_bytes(numbers.y.to_bytes(32, "big"))
        authenticator = (hashlib.sha256(options["rp"]["id"].encode()).digest() + bytes([PRESENT | VERIFIED | CREDENTIAL]) + bytes(4)
                         + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose)
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData" + cbor_bytes(authenticator)
        return self.public({"clientDataJSON": text(self.client_data("webauthn.create", options)), "attestationObject": text(attestation), "transports": ["internal"]})

    def answer(self, options):
        """The answer to request options."""
        client = self.client_data("webauthn.get", options)
        authenticator = hashlib.sha256(options["rpId"].encode()).digest() + bytes([PRESENT | VERIFIED]) + bytes(4)
        signature = self.key.sign(authenticator + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self.public({"clientDataJSON": text(client), "authenticatorData": text(authenticator), "signature": text(signature), "userHandle": text(self.handle)})


def ask(visitor, path):
    """The question that the page's script would fetch."""
    return visitor.post(visitor.server.url(None, path), {}, headers={"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "application/json"})


def add(visitor, server):
    """A new passkey for somebody who is signed in and showed a factor a moment ago."""
    passkey = Passkey(server)
    options = ask(visitor, "/onboarding/passkey/options")
    if options.status != 200:
        raise RuntimeError(f"no options: {options}")
    page = visitor.post(server.url(None, "/onboarding/passkey?return_to=/account"), {"credential": passkey.register(options.json)})
    if page.status != 200 or "Rename or remove" not in page.text:
        raise RuntimeError(f"not registered: {page}")
    return passkey
