"""Transport security, by testssl.sh."""

import json
import os
import shutil
import socket
import ssl
import subprocess

from lib import server as servers
from lib.checks import Skipped
from lib.server import Server, apex

# A development certificate is signed by an authority of its own: nobody's store, no revocation list, no transparency log.
OF_DEVELOPMENT = ("cert_chain_of_trust", "cert_crlDistributionPoints", "cert_ocspURL", "cert_revocation", "cert_notRevoked", "DNS_CAArecord",
                  "cert_caIssuers", "OCSP_stapling", "certificate_transparency", "cert_certificatePolicies_EV", "cert_extlifeSpan", "trust")


def test(check):
    """testssl.sh finds nothing of medium or above; old versions are refused"""
    program = shutil.which("testssl") or shutil.which("testssl.sh")
    if not program:
        raise Skipped("testssl.sh is not installed")
    with Server("tls") as server:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=str(server.certificate_authority))
            context.minimum_version = context.maximum_version = version
            with socket.create_connection(("127.0.0.1", server.port), 10) as raw, context.wrap_socket(raw, server_hostname=apex) as tls:
                check.that(f"{tls.version()} is spoken, the certificate is valid", tls.version())
        context = ssl._create_unverified_context()
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        try:
            with socket.create_connection(("127.0.0.1", server.port), 10) as raw, context.wrap_socket(raw, server_hostname=apex) as tls:
                check.that("TLS 1.1 is refused", False, tls.version())
        except (ssl.SSLError, ConnectionError, OSError):
            check.that("TLS 1.1 is refused", True)

        report = servers.output / "testssl.json"
        report.unlink(missing_ok=True)
        done = subprocess.run(
            [program, "--quiet", "--color", "0", "--ip", "127.0.0.1", "--nodns", "none", "--warnings", "off", "--connect-timeout", "10",
             "--openssl-timeout", "10", "-p", "-s", "-f", "-S", "-h", "-U", "--jsonfile", str(report), f"{apex}:{server.port}"],
            capture_output=True, text=True, timeout=280, env={**os.environ, "TERM": "dumb"}, stdin=subprocess.DEVNULL)
        check.must("testssl.sh has run", report.exists(), done.stdout[-800:] + done.stderr[-800:])
        findings = json.loads(report.read_text())
        check.that("it looked at enough", len(findings) > 40, len(findings))
        bad = [f"{f['id']}: {f['severity']} {f['finding']}" for f in findings
               if f["severity"] in ("MEDIUM", "HIGH", "CRITICAL") and not any(f["id"].startswith(name) for name in OF_DEVELOPMENT)]
        check.that("nothing of medium or above, the development certificate aside", not bad, "; ".join(bad))
