"""The server under test: its process, its private database, and who may talk to it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import urllib.parse

from connection import Connections

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_S = 120

PROVIDER = "breaking"
# Groups are those that claims name, so that a login grants a group in the transaction that makes the user.
SETTINGS = {
    "name": PROVIDER,
    "claims": {"userIdClaim": "login", "roleClaim": "crews",
               "mappings": [{"idpClaim": "email", "attribute": 'emails[type eq "work"].value'},
                            {"idpClaim": "title", "attribute": "title"}]},
    "roles": {"unmapped": "pass"},
    "jit": {"isEnabled": True, "userstore": "PRIMARY"},
}


class Broken(Exception):
    """Something that has to work for the test to go on does not."""


def alive(pid):
    """True for a process that runs; what has ended and waits for its parent does not."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(") ")[2][:1] not in ("Z", "X", "")


def parent_of(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return int(stat.rpartition(") ")[2].split()[1])


def wait_until(condition, seconds, what):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise Broken(f"{what} within {seconds} s")
        time.sleep(0.02)


def address_of(url):
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port


class Tokens:
    """One for each kind of client."""

    def __init__(self, scim, jit, admin):
        self.scim, self.jit, self.admin = scim, jit, admin


class Endpoint:
    """A server that somebody else has started, and starts again where it is."""

    def __init__(self, scim_url, internal_url):
        self.scim_address, self.internal_address = address_of(scim_url), address_of(internal_url)


class Server:
    """`vestibule serve` in a folder of its own. Starting it again finds what was there, on other ports."""

    def __init__(self, program, folder, **settings):
        self.program = program
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.ready = folder / "ready"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("VESTIBULE_")}
        self.environment.update(VESTIBULE_DATA_DIR=str(self.data), VESTIBULE_SERVER_PUBLIC_PORT="0",
                                VESTIBULE_SERVER_INTERNAL_PORT="0", VESTIBULE_LOG_LEVEL="warn", **settings)
        self.process = None
        self.scim_address = self.internal_address = None
        self.scim_url = self.internal_url = ""

    def start(self):
        self.ready.unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen([self.program, "serve", "--ready-file", str(self.ready)], env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

        def ready_or_ended():
            return self.ready.exists() or self.process.poll() is not None
        wait_until(ready_or_ended, START_S, "the server is not ready")
        if not self.ready.exists():
            raise Broken(f"the server did not start:\n{self.log.read_text()[-2000:]}")
        said = dict(line.split("=", 1) for line in self.ready.read_text().splitlines())
        self.scim_url, self.internal_url = said["VESTIBULE_SCIM_URL"], said["VESTIBULE_INTERNAL_URL"]
        self.scim_address, self.internal_address = address_of(self.scim_url), address_of(self.internal_url)

    def kill(self):
        """SIGKILL, and its end."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def pid(self):
        return self.process.pid

    def database_pid(self):
        """Of the private MariaDB, if it is this server's child and no stranger under a number that was given again; else 0."""
        try:
            pid = int((self.data / "mariadb/mariadb.pid").read_text())
        except (OSError, ValueError):
            return 0
        return pid if alive(pid) and parent_of(pid) == self.pid else 0

    def left_behind(self):
        """What of a stopped server is still there: processes that name its folder, and files that say one runs."""
        found = [f"mariadb/{name}" for name in ("mariadb.pid", "mariadb.sock") if (self.data / "mariadb" / name).exists()]
        for lock in (self.data / "vestibule.lock", self.data / "mariadb/server.lock"):
            if lock.exists() and subprocess.run([shutil.which("flock") or "flock", "--nonblock", lock, "true"],
                                                check=False).returncode != 0:
                found.append(f"a lock on {lock.name}")
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(self.data) in words and alive(entry.name):
                found.append(f"process {entry.name}: {words.decode(errors='replace')[:80]}")
        return found

    def _token(self, name, *scopes):
        made = subprocess.run([self.program, "--json", "token", "create", "--name", name,
                               *(word for scope in scopes for word in ("--scope", scope))],
                              env=self.environment, check=True, capture_output=True, text=True, timeout=60)
        return json.loads(made.stdout)["token"]

    def make_tokens(self):
        return Tokens(self._token("scim", "scim:read", "scim:write"), self._token("jit", "jit"),
                      self._token("admin", "admin"))


def make_provider(server, tokens):
    """Makes the identity provider that clients sign in by, once `server` knows the tokens: it may take a second until it
    learns of what another process has made."""
    connections = Connections()

    def made():
        return connections.ask(server.internal_address, "PUT", "/admin/v1/identity-providers/" + PROVIDER, tokens.admin,
                               SETTINGS).status in (200, 201)
    wait_until(made, 10, "the identity provider is not taken")
    connections.close()


def knows(server, tokens):
    """Waits until `server` knows tokens and identity provider, and its database serves it."""
    connections = Connections()

    def ready():
        return connections.ask(server.internal_address, "GET", "/admin/v1/identity-providers/" + PROVIDER,
                               tokens.admin).status == 200
    wait_until(ready, 10, "a server does not learn of the identity provider")
    connections.close()
