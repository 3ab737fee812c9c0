"""The tests' own tools."""

import http.server
import threading

from lib import totp
from lib.browser import Browser
from lib.forms import forms

PAGE = b"""<!doctype html><meta charset=utf-8><title>A page</title><form method=post action=/done>
<label>Your name <input name=name></label><label for=c>Colour</label><select id=c name=colour><option>red<option value=b>blue</select>
<input type=hidden name=csrf value=t0k3n><button>Send it</button></form><script>console.error('seen')</script>"""


class Pages(http.server.BaseHTTPRequestHandler):
    posted = None

    def do_GET(self):
        self.answer(PAGE)

    def do_POST(self):
        Pages.posted = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(b"<title>Thanks</title><p>Done.")

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test(check):
    """The tools that the other tests stand on"""
    # RFC 6238, appendix B, the last six of eight digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    check.equal("one-time codes follow RFC 6238", [totp.code(secret, t) for t in (59, 1111111109, 2000000000)], ["287082", "081804", "279037"])
    check.equal("forms are found with hidden values", forms(PAGE.decode())[0].filled(), {"name": "", "colour": "b", "csrf": "t0k3n"})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Browser() as browser:
            browser.go(f"http://127.0.0.1:{server.server_port}/")
            check.equal("the browser opens a page", browser.title, "A page")
            browser.fill("your name", "Zoë").fill("colour", "blue").click("Send it")
            check.equal("it types, chooses and clicks", Pages.posted, "name=Zo%C3%AB&colour=b&csrf=t0k3n")
            check.that("it sees what the page complains of", any("seen" in c for c in browser.complaints), browser.complaints)
            check.that("it takes pictures", browser.screenshot("tools").stat().st_size > 1000)
    finally:
        server.shutdown()
