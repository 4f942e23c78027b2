"""Clients that do a bit of everything at random, on resources of one round, and note it."""

import itertools
import random
import threading
import time

from connection import Connections
from history import OPEN, TAKEN
from vestibule import PROVIDER

USERS, GROUPS = "/scim/v2/Users", "/scim/v2/Groups"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

# What a client does next, and how often.
WEIGHTS = {"create": 20, "create_same": 6, "mark": 12, "append": 16, "add_member": 18, "remove_member": 6, "read_team": 6,
           "delete": 5, "login_new": 8, "login_same": 8, "login_known": 8}
# Those who begin to do the same thing in the same so many seconds do it to the same name, and so at once.
SAME_S = 0.08
# How long a client waits when there is nobody to ask, or the server says that it cannot.
PAUSE_S = 0.02

REGISTERS, TEAMS = 3, 2


def patch(*operations):
    return {"schemas": [PATCH], "Operations": list(operations)}


class Scene:
    """What the clients of a round share. Every name of the round begins with `prefix`, and no name of another does."""

    def __init__(self, prefix, servers, tokens, history):
        self.prefix, self.servers, self.tokens, self.history = prefix, servers, tokens, history
        self.crew = prefix + "crew"  # the group that logins grant
        self.registers = []          # ids of users that everybody changes
        self.teams = []              # ids of groups that everybody changes
        self.stopped = threading.Event()

    def lay_out(self):
        """Makes what the clients need, before any fault."""
        client = Client(self, "layout", 0)
        for i in range(REGISTERS):
            self.registers.append(client.create(f"{self.prefix}register-{i}").resource)
        for i in range(TEAMS):
            self.teams.append(client.create_group(f"{self.prefix}team-{i}").resource)
        client.create_group(self.crew)
        client.connections.close()
        return all(operation.outcome == TAKEN for operation in self.history.operations)


class Client(threading.Thread):
    """One of them."""

    def __init__(self, scene, name, seed):
        super().__init__(daemon=True, name=f"client {name}")
        self.scene = scene
        self.label = name
        self.random = random.Random(f"{scene.prefix} {name} {seed}")
        self.connections = Connections()
        self.numbers = itertools.count()
        self.mine = []        # ids of users that nobody else touches
        self.in_team = []     # (team, id) of those that are in a team, acknowledged
        self.known = []       # subjects that have signed in, and nobody else signs in
        self.done_same = set()
        self.problem = None

    def run(self):
        kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
        try:
            while not self.scene.stopped.is_set():
                operation = getattr(self, self.random.choices(kinds, weights)[0])()
                if operation is not None and operation.outcome != TAKEN and operation.status in (None, 0, 503):
                    self.scene.stopped.wait(PAUSE_S)
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.problem = error
        finally:
            self.connections.close()

    # Asking.

    def scim(self, operation, method, target, body=None, headers=()):
        server = self.random.choice(self.scene.servers)
        answer = self.connections.ask(server.scim_address, method, target, self.scene.tokens.scim, body,
                                      {"X-Correlation-Id": operation.id, **dict(headers)})
        self.scene.history.end(operation, answer)
        return answer

    def begin(self, kind, **fields):
        return self.scene.history.begin(self.label, kind, **fields)

    def new_name(self):
        return f"{self.scene.prefix}{self.label}-{next(self.numbers)}"

    def same_name(self, what):
        """A name that others may be about just now; None when this client was already."""
        name = f"{self.scene.prefix}{what}-{int(time.monotonic() / SAME_S)}"
        if name in self.done_same:
            return None
        self.done_same.add(name)
        return name

    # Users.

    def create(self, name=None):
        name = name or self.new_name()
        operation = self.begin("create", name=name)
        answer = self.scim(operation, "POST", USERS, {
            "schemas": [USER], "userName": name, "externalId": "x-" + name,
            "emails": [{"type": "work", "value": name + "@example.com"}]})
        if operation.outcome == TAKEN:
            operation.resource = answer.json()["id"]
            if name.startswith(f"{self.scene.prefix}{self.label}-"):
                self.mine.append(operation.resource)
        return operation

    def create_same(self):
        name = self.same_name("same")
        return self.create(name) if name else None

    def delete(self):
        pool = self.in_team if self.in_team and self.random.random() < 0.4 else self.mine
        if not pool:
            return None
        gone = pool.pop(self.random.randrange(len(pool)))
        operation = self.begin("delete", resource=gone[1] if isinstance(gone, tuple) else gone)
        self.scim(operation, "DELETE", f"{USERS}/{operation.resource}")
        return operation

    def mark(self):
        """Sets one attribute, whatever there was."""
        operation = self.begin("mark", resource=self.random.choice(self.scene.registers))
        self.scim(operation, "PATCH", f"{USERS}/{operation.resource}",
                  patch({"op": "replace", "path": "title", "value": operation.id}))
        return operation

    def append(self):
        """Reads a list and writes it back with one more, if nobody was faster."""
        register = self.random.choice(self.scene.registers)
        read = self.begin("read_register", resource=register)
        seen = self.scim(read, "GET", f"{USERS}/{register}")
        if read.outcome != TAKEN:
            return read
        before = seen.json().get("nickName", "")
        operation = self.begin("append", resource=register, read_version=read.version)
        self.scim(operation, "PATCH", f"{USERS}/{register}",
                  patch({"op": "replace", "path": "nickName", "value": f"{before} {operation.id}".strip()}),
                  {"If-Match": seen.headers["etag"]})
        return operation

    # Groups.

    def create_group(self, name):
        operation = self.begin("create_group", name=name)
        answer = self.scim(operation, "POST", GROUPS, {"schemas": [GROUP], "displayName": name})
        if operation.outcome == TAKEN:
            operation.resource = answer.json()["id"]
        return operation

    def add_member(self):
        """Appends a user who has never been in a group."""
        if not self.mine:
            return None
        team, member = self.random.choice(self.scene.teams), self.mine.pop()
        operation = self.begin("add_member", resource=team, member=member)
        self.scim(operation, "PATCH", f"{GROUPS}/{team}",
                  patch({"op": "add", "path": "members", "value": [{"value": member}]}))
        if operation.outcome == TAKEN:
            self.in_team.append((team, member))
        return operation

    def remove_member(self):
        """Takes one out whom this client has put in; nobody puts them in again."""
        if not self.in_team:
            return None
        team, member = self.in_team.pop(self.random.randrange(len(self.in_team)))
        operation = self.begin("remove_member", resource=team, member=member)
        self.scim(operation, "PATCH", f"{GROUPS}/{team}",
                  patch({"op": "remove", "path": f'members[value eq "{member}"]'}))
        return operation

    def read_team(self):
        operation = self.begin("read_team", resource=self.random.choice(self.scene.teams))
        answer = self.scim(operation, "GET", f"{GROUPS}/{operation.resource}")
        if operation.outcome == TAKEN:
            operation.result = [member["value"] for member in answer.json().get("members", [])]
        return operation

    # Logins.

    def login(self, subject, title):
        operation = self.begin("login", subject=subject, title=title)
        server = self.random.choice(self.scene.servers)
        answer = self.connections.ask(
            server.internal_address, "POST", "/jit/v1/provision", self.scene.tokens.jit,
            {"identityProvider": PROVIDER, "subject": subject,
             "claims": {"login": subject, "email": subject + "@example.com", "title": title, "crews": [self.scene.crew]}},
            {"X-Correlation-Id": operation.id})
        if self.scene.history.end(operation, answer):
            said = answer.json()
            operation.result = said["outcome"]
            operation.resource = said["user"]["id"]
            operation.version = int(said["user"]["meta"]["version"][3:-1])
        return operation

    def login_new(self):
        subject = self.new_name()
        operation = self.login(subject, "first")
        if operation.outcome in (TAKEN, OPEN):
            self.known.append([subject, "first"])
        return operation

    def login_same(self):
        """The first login of somebody whom others sign in at the same time."""
        subject = self.same_name("race")
        return self.login(subject, "first") if subject else None

    def login_known(self):
        """Another login of the same person, with other claims every second time."""
        if not self.known:
            return None
        person = self.random.choice(self.known)
        title = f"t{next(self.numbers)}" if self.random.random() < 0.5 else person[1]
        operation = self.login(person[0], title)
        if operation.outcome == TAKEN:
            person[1] = title
        return operation
