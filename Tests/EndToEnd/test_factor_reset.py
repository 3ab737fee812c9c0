"""Somebody has lost every factor: two administrators, a mail and the password bring them back, and nothing less does."""

import time

from lib import http, people
from lib.server import Server


def join(server, owner, name, role):
    """Invites somebody by the portal's own form, and lets them join; returns the person and a visitor at the tenant's host."""
    person = people.Person(f"{name.lower()}@acme.example", f"{name} Acme")
    began = time.time()
    page = owner.get(server.url("acme", "/people/invite"))
    owner.submit(page, {"address": person.identifier, "role": role})
    visitor = people.onboard(server, person, server.link_in_mail(person.identifier, after=began - 1))
    visitor.get(server.url("acme"))
    return person, visitor


def test(check):
    """Two administrators reset the factors of a third person; one of them, staff and the mailbox alone do not"""
    with Server("factor-reset") as server:
        _, owner = people.owner_of(server, "acme", "Acme Ltd", "olga@acme.example", "Olga Acme")
        _, anna = join(server, owner, "Anna", "administrator")
        _, boris = join(server, owner, "Boris", "administrator")
        lost, before = join(server, owner, "Lena", "editor")
        listed = anna.get(server.url("acme", "/people")).text
        account = next(part.split('"')[0] for part in listed.split('href="/people/')[1:] if "Lena" in part.split("</tr>")[0].split("</li>")[0])
        place = server.url("acme", f"/people/{account}")

        page = anna.submit(anna.get(place), {}, action="/factor-reset")
        check.that("one administrator asks", "Another administrator has to approve it" in page.text, page)
        check.that("she is offered no approval", "Approve the reset" not in page.text)
        check.that("the person is told", "was asked for" in server.mail(lost.identifier)["subject"], server.mail(lost.identifier)["subject"])
        page = boris.get(place)
        check.that("the other one sees who asked", "Anna Acme says that they have lost every factor" in page.text, page)
        stranger = before.post(place + "/factor-reset", {}, follow=False)
        check.that("an editor can't ask", stranger.status in (403, 404), stranger.status)
        began = time.time()
        page = boris.submit(page, {}, action="/approval")
        check.that("and approves", "They get a link by mail" in page.text, page)
        link = server.link_in_mail(lost.identifier, after=began - 1)

        visitor = http.Visitor(server)
        page = visitor.get(link)
        check.that("the link asks for the password", "All earlier factors stop working" in page.text, page)
        page = visitor.submit(page, {"password": "not this one at all"})
        check.that("a wrong one opens nothing", page.status == 401 and "Set up a new second factor" in page.text, page.status)
        check.equal("her old session lives until then", before.get(server.url("acme", "/collections"), follow=False).status, 200)
        people.onboard_factor(server, lost, visitor, visitor.submit(page, {"password": lost.password}))
        check.that("she is back", "Lena Acme" in visitor.get(server.url(None, "/account")).text)
        ended = before.get(server.url("acme", "/collections"), follow=False)
        check.equal("and her old sessions have ended", ended.status, 303)
        check.equal("the link works once", http.Visitor(server).get(link).status, 410)
        check.equal("the audit log verifies", server.run("audit", "verify", check=False).returncode, 0)
