"""What the servers say is there, of one round."""

import urllib.parse

from connection import Connections
from vestibule import PROVIDER, Broken

PAGE = 200
EVENTS = 1000


class Stored:
    """Users and groups by SCIM, identities and audit by administration, all through one server."""

    def __init__(self, server, tokens):
        self.server, self.tokens = server, tokens
        self.connections = Connections()
        self.users = []            # as SCIM shows them
        self.by_mail = set()       # ids that the index of e-mail addresses finds
        self.groups = {}           # by name
        self.identities = {}       # ids of users, by subject; None where there is none
        self.events = []           # of the audit, oldest first

    def _get(self, address, target, token):
        answer = self.connections.ask(address, "GET", target, token)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise Broken(f"GET {target} answered {answer.status}: {answer.body[:300]!r}")
        return answer.json()

    def scim(self, path, **query):
        return self._get(self.server.scim_address, f"/scim/v2{path}?{urllib.parse.urlencode(query)}", self.tokens.scim)

    def admin(self, path, **query):
        return self._get(self.server.internal_address, f"/admin/v1{path}?{urllib.parse.urlencode(query)}", self.tokens.admin)

    def _all(self, path, found_by, **query):
        found, cursor = [], ""
        while cursor is not None:
            page = self.scim(path, filter=found_by, count=PAGE, cursor=cursor, **query)
            found += page.get("Resources", [])
            cursor = page.get("nextCursor")
        return found

    def read(self, prefix, subjects, since, until):
        self.users = self._all("/Users", f'userName sw "{prefix}"')
        self.by_mail = {user["id"] for user in self._all("/Users", f'emails.value sw "{prefix}"', attributes="id")}
        for group in self._all("/Groups", f'displayName sw "{prefix}"', attributes="displayName"):
            self.groups[group["displayName"]] = self.scim("/Groups/" + group["id"])
        for subject in subjects:
            found = self.admin("/federated-identities", identityProvider=PROVIDER, subject=subject)
            self.identities[subject] = found and found["federatedIdentities"][0]["user"]
        cursor = None
        while cursor != "":
            page = self.admin("/audit", count=EVENTS, to=until, **{"from": since}, **({"cursor": cursor} if cursor else {}))
            self.events += page["events"]
            cursor = page.get("cursor", "")
        self.events.reverse()
        self.connections.close()
        return self
