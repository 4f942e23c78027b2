"""Reads loaded users back through the server: what the loader wrote must be what the server would have stored."""

import http.client
import json
import urllib.parse

from service import DOMAIN, BenchError

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PROVENANCE = "urn:vestibule:params:scim:schemas:extension:provenance:2.0:User"


class Client:
    """JSON over one connection."""

    def __init__(self, url, token):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        self.token = token

    def ask(self, method, path, body=None, expected=200):
        headers = {"Authorization": "Bearer " + self.token}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, headers=headers,
                                body=None if body is None else body.encode("utf-8"))
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8")
        if answer.status != expected:
            raise BenchError(f"{method} {path}: {answer.status} instead of {expected}: {text}")
        return json.loads(text) if text else None


def attributes_of(user):
    """What of a user its creator decides."""
    kept = {k: v for k, v in user.items() if k not in ("id", "meta", "groups", PROVENANCE)}
    kept["schemas"] = [schema for schema in user["schemas"] if schema != PROVENANCE]
    return kept


def same(what, got, wanted):
    if got != wanted:
        raise BenchError(f"verification: {what} is {got!r}, not {wanted!r}")


def verify(service, sample):
    """Raises BenchError at the first difference."""
    scim = Client(service.scim_url, service.scim_token)
    jit = Client(service.internal_url, service.jit_token)
    users = f"/domains/{DOMAIN}/scim/v2/Users"
    for expected in sample:
        user = scim.ask("GET", f"{users}/{expected['id']}")
        same("userName", user["userName"], expected["userName"])

        query = urllib.parse.urlencode({"filter": f'userName eq "{expected["userName"].upper()}"'})
        found = scim.ask("GET", f"{users}?{query}")
        same("the filtered user", found["Resources"], [user])

        login = jit.ask("POST", "/jit/v1/provision", expected["provision"])
        same("the login's outcome", login["outcome"], "unchanged")
        same("the user who logged in", login["user"]["id"], expected["id"])

        # The same person under another label, made by the server itself.
        other = scim.ask("POST", users, expected["other_body"], expected=201)
        text = json.dumps(attributes_of(other), ensure_ascii=False)
        text = text.replace(expected["other_label"], expected["label"])
        same("a loaded user", attributes_of(user), json.loads(text))

        # A PATCH there and back shows that the stored row and its index entries fit together. It is done
        # to the new user: a loaded one would not be as its last login left it.
        patch = {"schemas": [PATCH_OP],
                 "Operations": [{"op": "replace", "path": "displayName", "value": "Verified"}]}
        patched = scim.ask("PATCH", f"{users}/{other['id']}", json.dumps(patch))
        same("displayName after PATCH", patched["displayName"], "Verified")
        scim.ask("DELETE", f"{users}/{other['id']}", expected=204)
