"""A login beside the proxy, asked as oauth2-proxy is asked, that has everybody sign in as the one at the keyboard."""

import http.cookies
import secrets
import urllib.parse

from web import Handler, Server


class _Pages(Handler):
    def _person(self):
        cookie = http.cookies.SimpleCookie(self.headers.get("Cookie", "")).get("login")
        return self.server.owner.sessions.get(cookie.value) if cookie else None

    def do_GET(self):  # pylint: disable=invalid-name
        path = urllib.parse.urlsplit(self.path).path
        if self.server.owner.broken:
            self.answer(500)
        elif path == "/oauth2/auth":
            person = self._person()
            if person is None:
                self.answer(401)
                return
            said = {"User": person["sub"], "Preferred-Username": person["preferred_username"],
                    "Email": person["email"], "Groups": ",".join(person["groups"])}
            # A header that has nothing to say is not there, as with oauth2-proxy.
            self.answer(202, headers=[("X-Auth-Request-" + name, value) for name, value in said.items() if value])
        elif path == "/oauth2/start":
            owner = self.server.owner
            session = secrets.token_urlsafe(16)
            owner.sessions[session] = owner.at_keyboard
            self.answer(302, headers=[("Location", self.headers["X-Auth-Request-Redirect"]),
                                      ("Set-Cookie", f"login={session}; Path=/; HttpOnly")])
        else:
            self.answer(404)


class LoginService(Server):
    def __init__(self):
        super().__init__(_Pages)
        self.sessions = {}
        self.at_keyboard = None
        self.broken = False
