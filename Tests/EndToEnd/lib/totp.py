"""Time-based one-time passwords (RFC 6238), as an authenticator application makes them."""

import base64
import hashlib
import hmac
import struct
import time
import urllib.parse


def code(secret, at=None):
    """`secret` is base32, with or without spaces and padding."""
    text = secret.replace(" ", "").upper()
    key = base64.b32decode(text + "=" * (-len(text) % 8))
    step = int(time.time() if at is None else at) // 30
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def secret_of(otpauth):
    return urllib.parse.parse_qs(urllib.parse.urlparse(otpauth).query)["secret"][0]


class Authenticator:
    """Never shows the same step twice, since a server takes each only once; waits for the next where it must."""

    def __init__(self, secret):
        self.secret = secret
        self.last = -1

    def code(self):
        # A step ahead is still taken (±1), so no waiting for the first two codes.
        step = max(int(time.time()) // 30, self.last + 1)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.5)
        self.last = step
        return code(self.secret, step * 30)
