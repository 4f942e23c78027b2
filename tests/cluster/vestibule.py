"""Vestibule processes that share a cluster, and what clients ask them."""

import http.client
import json
import os
import pathlib
import subprocess
import time
import urllib.parse

from galera import PATIENCE_S

PATCH = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
USER = ["urn:ietf:params:scim:schemas:core:2.0:User"]
GROUP = ["urn:ietf:params:scim:schemas:core:2.0:Group"]

IDENTITY_PROVIDER = {
    "name": "corp", "enabled": True,
    "claims": {"userIdClaim": "preferred_username",
               "mappings": [{"idpClaim": "email", "attribute": 'emails[type eq "work"].value'}]},
    "jit": {"isEnabled": True, "userstore": "PRIMARY"}}


class Server:
    """One `vestibule serve` on one database."""

    def __init__(self, program, folder, name, database_url):
        self.program = program
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        self.log = self.folder / "log"
        self.ready = self.folder / "ready"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "VESTIBULE_DATA_DIR": str(self.folder / "data"),
                            "VESTIBULE_DATABASE_URL": database_url, "VESTIBULE_SERVER_PUBLIC_PORT": "0",
                            "VESTIBULE_SERVER_INTERNAL_PORT": "0", "VESTIBULE_LOG_LEVEL": "warn"}
        self.process = None
        self.scim_port = self.internal_port = 0

    def start(self):
        """Returns before it serves; see until_ready."""
        with open(self.log, "ab") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen([self.program, "serve", "--ready-file", self.ready], env=self.environment,
                                            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def until_ready(self):
        until = time.monotonic() + PATIENCE_S
        while not self.ready.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{self.name} does not start:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)
        values = dict(line.split("=", 1) for line in self.ready.read_text().splitlines() if "=" in line)
        self.scim_port = urllib.parse.urlsplit(values["VESTIBULE_SCIM_URL"]).port
        self.internal_port = urllib.parse.urlsplit(values["VESTIBULE_INTERNAL_URL"]).port

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def command(self, *arguments):
        ran = subprocess.run([self.program, "--json", *arguments], env=self.environment, cwd=self.folder, capture_output=True,
                             text=True, check=False)
        if ran.returncode != 0:
            raise RuntimeError(f"vestibule {' '.join(map(str, arguments))}: {ran.stderr.strip()}")
        return ran.stdout

    def make_token(self, name, scopes):
        return json.loads(self.command("token", "create", "--name", name,
                                       *[part for scope in scopes for part in ("--scope", scope)]))["token"]

    def ask(self, port, method, target, token=None, body=None, kind="application/scim+json"):
        """(status, document); status 0 when there was no answer, so that nobody knows what became of the request."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            headers = {"Content-Type": kind} if body is not None else {}
            if token is not None:
                headers["Authorization"] = "Bearer " + token
            connection.request(method, target, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            connection.close()
        return answer.status, json.loads(text) if text and is_json else None


class Client:
    """What the checks ask of one server, by one token."""

    def __init__(self, server, token):
        self.server = server
        self.token = token

    def scim(self, method, path, body=None):
        return self.server.ask(self.server.scim_port, method, "/scim/v2" + path, self.token, body)

    def login(self, subject, **claims):
        return self.server.ask(self.server.internal_port, "POST", "/jit/v1/provision", self.token,
                               {"identityProvider": "corp", "subject": subject,
                                "claims": {"preferred_username": subject, "email": f"{subject}@example.com", **claims}},
                               "application/json")

    def ready(self):
        return self.server.ask(self.server.internal_port, "GET", "/readyz")[0] == 200

    def create_user(self, name):
        return self.scim("POST", "/Users", {"schemas": USER, "userName": name, "emails": [{"value": f"{name}@example.com"}]})

    def create_group(self, name):
        return self.scim("POST", "/Groups", {"schemas": GROUP, "displayName": name})

    def patch(self, path, *operations):
        return self.scim("PATCH", path, {"schemas": PATCH, "Operations": list(operations)})

    def add_member(self, group, member):
        return self.patch("/Groups/" + group, {"op": "add", "path": "members", "value": [{"value": member}]})

    def remove_member(self, group, member):
        return self.patch("/Groups/" + group, {"op": "remove", "path": f'members[value eq "{member}"]'})


def start_servers(program, folder, urls):
    """A server for each URL, all started at once: on an empty database they race to make its schemas."""
    servers = [Server(program, folder, f"vestibule{number}", url) for number, url in enumerate(urls, 1)]
    for server in servers:
        server.start()
    return servers


def clients_of(servers):
    """A client of each server, when each has learnt of the token and the identity provider that were made beside it."""
    file = pathlib.Path(servers[0].folder / "idp.json")
    file.write_text(json.dumps(IDENTITY_PROVIDER))
    servers[0].command("idp", "apply", file)
    token = servers[0].make_token("cluster", ["scim:read", "scim:write", "jit"])
    clients = [Client(server, token) for server in servers]
    until = time.monotonic() + PATIENCE_S
    for client in clients:
        while client.scim("GET", "/Users?count=0")[0] != 200 or client.login("nobody@else")[0] >= 400:
            if time.monotonic() > until:
                raise RuntimeError(f"{client.server.name} does not learn what was made beside it")
            time.sleep(0.1)
    return clients
