"""Drives Chromium by the DevTools protocol. Real key and mouse events; the authority is trusted as a person would trust it."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import websocket

from . import server as servers
from .checks import Skipped


def find():
    for name in ("chromium", "google-chrome", "google-chrome-stable", "chrome"):
        path = shutil.which(name)
        if path and "snap" not in os.path.realpath(path):
            return path
    raise Skipped("no Chromium or Google Chrome on this machine")


class Browser:
    """`with Browser(authority) as browser:`; one window."""

    def __init__(self, authority=None, dark=False, width=1200, height=850):
        self.program = find()
        self.home = Path(tempfile.mkdtemp(prefix="holdfast-browser-"))
        self.size = (width, height)
        self.sent = 0
        self.events = []
        self.complaints = []
        self.transferred = {}
        if authority:
            store = self.home / ".pki" / "nssdb"
            store.mkdir(parents=True)
            base = ["certutil", "-d", f"sql:{store}"]
            subprocess.run([*base, "-N", "--empty-password"], check=True, capture_output=True)
            subprocess.run([*base, "-A", "-t", "C,,", "-n", "holdfast-dev", "-i", str(authority)], check=True, capture_output=True)
        profile = self.home / "profile"
        command = [
            self.program, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", "--no-first-run",
            "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-proxy-server", "--hide-scrollbars",
            f"--window-size={width},{height}", "about:blank",
        ]
        if os.geteuid() == 0:
            # Chromium refuses its sandbox to root.
            command.insert(1, "--no-sandbox")
        environment = {**os.environ, "HOME": str(self.home)}
        self.log = open(self.home / "browser.log", "wb")
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log)
        try:
            self.connect(profile / "DevToolsActivePort", dark)
        except BaseException:
            self.__exit__()
            raise

    def connect(self, port_file, dark):
        deadline = time.monotonic() + 60
        while not (port_file.exists() and port_file.read_text().count("\n") >= 1):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the browser did not start: " + (self.home / "browser.log").read_text()[-1500:])
            time.sleep(0.05)
        port, path = port_file.read_text().split("\n")[:2]
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{port}{path}", suppress_origin=True, timeout=60)
        self.session = None
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "DOM"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=self.size[0], height=self.size[1], deviceScaleFactor=1, mobile=False)
        self.dark(dark)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.session = None
            self.call("Browser.close")
        except Exception:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)

    # The protocol

    def call(self, method, **parameters):
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.sent:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error'].get('message')}")
                return answer.get("result", {})
            self.note(answer)

    def note(self, event):
        method, parameters = event.get("method", ""), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append("exception: " + str(parameters["exceptionDetails"].get("exception", {}).get("description", parameters))[:300])
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            entry = parameters["entry"]
            self.complaints.append(f"{entry['source']}: {entry['text']} {entry.get('url', '')}"[:300])
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "assert"):
            self.complaints.append("console: " + " ".join(str(a.get("value", a.get("description"))) for a in parameters["args"])[:300])
        elif method == "Network.requestWillBeSent":
            if parameters.get("type") == "Document":
                self.transferred = {}
            self.transferred.setdefault(parameters["requestId"], [parameters["request"]["url"], 0, 0])
        elif method == "Network.dataReceived" and parameters["requestId"] in self.transferred:
            self.transferred[parameters["requestId"]][1] += parameters["dataLength"]
        elif method == "Network.loadingFinished" and parameters["requestId"] in self.transferred:
            self.transferred[parameters["requestId"]][2] = int(parameters["encodedDataLength"])
        elif method == "Page.javascriptDialogOpening":
            # Answered "OK", as somebody would who meant the click. Not waited for: the answer comes in among the events.
            self.sent += 1
            self.socket.send(json.dumps({
                "id": self.sent, "sessionId": self.session, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}}))

    def ask(self, expression):
        """The value of a JavaScript expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails'].get('exception', {}).get('description')}")
        return result["result"].get("value")

    # What a person does

    def go(self, url):
        self.transferred = {}
        answer = self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise RuntimeError(f"{url}: {answer['errorText']}")
        self.settle()
        return self

    def settle(self, wait=30):
        """Waits until the page stands still: loaded, and its address the same for a moment."""
        deadline = time.monotonic() + wait
        last, calm = None, 0
        while time.monotonic() < deadline:
            try:
                state = self.ask("document.readyState + ' ' + location.href")
            except RuntimeError:
                state = None
            calm = calm + 1 if state and state == last and state.startswith("complete") else 0
            if calm >= 2:
                return
            last = state
            time.sleep(0.05)
        raise RuntimeError(f"the page did not settle: {last}")

    def wait(self, expression, what, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.ask(f"!!({expression})"):
                    return True
            except RuntimeError:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"waited {seconds} s for {what} at {self.url}: {self.text[:800]}")

    @property
    def url(self):
        return self.ask("location.href")

    @property
    def title(self):
        return self.ask("document.title")

    @property
    def text(self):
        return self.ask("document.body ? document.body.innerText : ''") or ""

    def has(self, text):
        return text.lower() in self.text.lower()

    def exists(self, selector):
        return self.ask(f"!!document.querySelector({json.dumps(selector)})")

    def box(self, find, what):
        """The middle of an element after it was scrolled into sight; `find` is an expression that gives it."""
        place = self.ask(f"""(() => {{ const e = {find}; if (!e) return null; e.scrollIntoView({{block: 'center', behavior: 'instant'}});
            const r = e.getBoundingClientRect(); return r.width ? [r.x + r.width / 2, r.y + r.height / 2] : null }})()""")
        if not place:
            raise RuntimeError(f"no {what} to be seen at {self.url}: {self.text[:800]}")
        return place

    def press_at(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def click(self, name, settle=True):
        """Clicks the link or button that people call `name`, or that a selector names (starting with # . [ or a tag and [)."""
        if name[0] in "#.[" or "[" in name:
            find = f"document.querySelector({json.dumps(name)})"
        else:
            find = f"""(() => {{ const want = {json.dumps(name.lower())};
                const all = [...document.querySelectorAll('button, a, summary, input[type=submit], [role=button], [role=tab], label')]
                    .filter(e => e.getClientRects().length);
                const name = e => (e.getAttribute('aria-label') || e.value || e.innerText || '').trim().toLowerCase().replace(/\\s+/g, ' ');
                return all.find(e => name(e) === want) || all.find(e => name(e).startsWith(want)) || all.find(e => name(e).includes(want)) }})()"""
        self.press_at(*self.box(find, f"“{name}”"))
        if settle:
            time.sleep(0.15)
            self.settle()
        return self

    FIELD = """(() => { const want = %s; const clean = t => (t || '').trim().toLowerCase().replace(/\\s+/g, ' ');
        const fields = [...document.querySelectorAll('input:not([type=hidden]), textarea, select')];
        const seen = fields.filter(e => e.getClientRects().length);
        const labels = e => [...(e.labels || [])].map(l => clean(l.innerText)).concat([clean(e.getAttribute('aria-label')), clean(e.name), clean(e.id), clean(e.placeholder)]);
        for (const list of [seen, fields]) for (const same of [(a, b) => a === b, (a, b) => a.startsWith(b), (a, b) => a.includes(b)])
            for (const e of list) if (labels(e).some(l => l && same(l, want))) return e;
        return null })()"""

    def field(self, label):
        return self.FIELD % json.dumps(label.lower())

    def has_field(self, label):
        return self.ask(f"!!({self.field(label)})")

    def fill(self, label, value):
        """Types into the field with that label (or name), replacing what is there."""
        find = self.field(label)
        kind = self.ask(f"(() => {{ const e = {find}; return e ? e.tagName + ':' + e.type : null }})()")
        if kind is None:
            raise RuntimeError(f"no field “{label}” at {self.url}: {self.text[:800]}")
        if kind.startswith("SELECT"):
            chosen = self.ask(f"""(() => {{ const e = {find}; const want = {json.dumps(str(value).lower())};
                const o = [...e.options].find(o => o.text.trim().toLowerCase() === want || o.value.toLowerCase() === want)
                    || [...e.options].find(o => o.text.toLowerCase().includes(want));
                if (!o) return [...e.options].map(o => o.text).join(', ');
                e.value = o.value; e.dispatchEvent(new Event('input', {{bubbles: true}})); e.dispatchEvent(new Event('change', {{bubbles: true}})); return true }})()""")
            if chosen is not True:
                raise RuntimeError(f"“{label}” has no “{value}”, only: {chosen}")
            return self
        self.press_at(*self.box(find, f"field “{label}”"))
        self.ask(f"(() => {{ const e = {find}; e.focus(); if (e.select) e.select() }})()")
        if kind.split(":")[1] in ("date", "datetime-local", "time", "number", "color"):
            self.ask(f"(() => {{ const e = {find}; e.value = {json.dumps(str(value))}; e.dispatchEvent(new Event('input', {{bubbles: true}})); e.dispatchEvent(new Event('change', {{bubbles: true}})) }})()")
        else:
            self.call("Input.insertText", text=str(value))
        return self

    def key(self, name):
        code = {"Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, "")}[name]
        parameters = {"key": name, "code": name, "windowsVirtualKeyCode": code[0]}
        self.call("Input.dispatchKeyEvent", type="keyDown", **parameters, **({"text": code[1]} if code[1] else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)
        return self

    def submit(self):
        """Return, in the field that has the focus."""
        self.key("Enter")
        time.sleep(0.2)
        self.settle()
        return self

    def choose_file(self, path, selector="input[type=file]"):
        document = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
        if not node:
            raise RuntimeError(f"no field for a file at {self.url}: {self.text[:500]}")
        self.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node)
        return self

    def dark(self, on=True):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if on else "light"}])
        return self

    def narrow(self, on=True):
        """As wide as a phone, or as at the start."""
        width, height = (390, 844) if on else self.size
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=on)
        return self

    def clear_cookies(self):
        self.call("Network.clearBrowserCookies")

    # Passkeys

    def add_authenticator(self, transport="internal"):
        """An authenticator that Chromium simulates: it holds passkeys, knows its owner, and always says yes. Returns its name."""
        self.call("WebAuthn.enable", enableUI=False)
        return self.call("WebAuthn.addVirtualAuthenticator", options={
            "protocol": "ctap2", "transport": transport, "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
            "automaticPresenceSimulation": True})["authenticatorId"]

    def remove_authenticator(self, name):
        self.call("WebAuthn.removeVirtualAuthenticator", authenticatorId=name)

    def passkeys(self, name):
        return self.call("WebAuthn.getCredentials", authenticatorId=name)["credentials"]

    def before_pages(self, script):
        """Runs a script in each page before the page's own. Returns what ``after_pages`` takes."""
        return self.call("Page.addScriptToEvaluateOnNewDocument", source=script)["identifier"]

    def after_pages(self, name):
        self.call("Page.removeScriptToEvaluateOnNewDocument", identifier=name)

    def session_cookie(self):
        cookies = self.call("Network.getCookies")["cookies"]
        return next((c["value"] for c in cookies if c["name"] == "__Host-session"), None)

    def screenshot(self, name, folder="screenshots", full=False):
        path = servers.output / folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full)["data"]
        path.write_bytes(base64.b64decode(data))
        return path

    def looks(self, name, folder, full=True):
        """Screenshots by day and by night, wide and narrow."""
        for width, height, size in ((1200, 850, "wide"), (390, 800, "narrow")):
            self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
            for dark in (False, True):
                self.dark(dark).screenshot(f"{name}-{size}{'-dark' if dark else ''}", folder=folder, full=full)
        self.call("Emulation.setDeviceMetricsOverride", width=1200, height=850, deviceScaleFactor=1, mobile=False)
        self.dark(False)

    def page_bytes(self):
        """Bytes of the last page with all that it loaded, as they came decoded."""
        return sum(entry[1] for entry in self.transferred.values())

    def foreign_requests(self, allowed):
        return [entry[0] for entry in self.transferred.values() if entry[0].startswith("http") and allowed not in entry[0]]
