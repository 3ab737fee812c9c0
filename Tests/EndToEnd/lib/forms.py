"""Finds the forms of a page with what they would send."""

from html.parser import HTMLParser


class Form:
    def __init__(self, attributes):
        self.action = attributes.get("action") or ""
        self.method = (attributes.get("method") or "get").lower()
        self.values = {}
        self.unchecked = set()

    def filled(self):
        return {name: value for name, value in self.values.items() if name not in self.unchecked}


class Parser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.open = None
        self.select = None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.open = Form(attributes)
            self.found.append(self.open)
        elif self.open is not None and tag in ("input", "textarea", "button") and attributes.get("name"):
            name, kind = attributes["name"], attributes.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in attributes or name not in self.open.values:
                    self.open.values[name] = attributes.get("value", "on")
                (self.open.unchecked.discard if "checked" in attributes else self.open.unchecked.add)(name)
            elif tag == "button":
                self.open.values.setdefault(name, attributes.get("value", ""))
                self.open.unchecked.add(name)
            else:
                self.open.values[name] = attributes.get("value", "")
        elif self.open is not None and tag == "select" and attributes.get("name"):
            self.select = attributes["name"]
            self.open.values.setdefault(self.select, "")
        elif self.open is not None and tag == "option" and self.select:
            if "selected" in attributes or not self.open.values[self.select]:
                self.open.values[self.select] = attributes.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = None


def forms(html):
    parser = Parser()
    parser.feed(html)
    return parser.found
