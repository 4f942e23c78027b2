"""The proxies of docs/gateways in front of an application, for real: nginx, Caddy, and Apache with an OpenID Connect login.

Called by scripts/test. Each proxy is asked the same: who is let through and as whom, what becomes of headers that a browser
makes up, who is sent to sign in, who is refused, and what happens when nobody can decide. The last line says
`N passed, M failed`.
"""

import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import tempfile
import traceback
import urllib.parse
import urllib.request

import programs
from application import Application
from login_service import LoginService
from openid_provider import CLIENT, SECRET, OpenIdProvider

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Headers that a browser makes up, in names that mean something to somebody on the way or look like such names.
MADE_UP = {"X-Vestibule-User-Id": "made-up", "X-Vestibule-User-Name": "made-up", "X-Vestibule-Domain": "made-up",
           "X-Vestibule-Groups": "made-up", "X-Vestibule-Outcome": "made-up", "X-Vestibule-Code": "made-up",
           "X-Vestibule-Identity-Provider": "made-up", "X_Vestibule_User_Id": "made-up", "x-vestibule-user-ID": "made-up",
           "X-Forwarded-User": "made-up", "X-Forwarded-Preferred-Username": "made-up", "X-Forwarded-Email": "made-up",
           "X-Forwarded-Groups": "made-up", "X-Id-Token": "made-up"}


def person(proxy, name, *groups):
    return {"sub": f"{proxy}-{name}", "preferred_username": f"{name}.{proxy}", "email": f"{name}@{proxy}.example",
            "email_verified": True, "groups": list(groups)}


class Vestibule:
    """A running scripts/run --ephemeral."""

    def __init__(self, provider):
        environment = dict(os.environ, VESTIBULE_JIT_CA_FILE=str(provider.certificate))
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([ROOT / "scripts/run", "--ephemeral", "--no-build"], env=environment, text=True,
                                        stdout=subprocess.PIPE)
        self.values = {}
        for line in self.process.stdout:
            name, _, value = line.strip().partition("=")
            self.values[name] = value
            if name == "VESTIBULE_PID":
                break
        else:
            raise SystemExit("scripts/run ended")
        self.internal = self.values["VESTIBULE_INTERNAL_URL"]
        self.address = urllib.parse.urlsplit(self.internal).netloc
        self.jit_token = self.values["VESTIBULE_JIT_TOKEN"]

    def _ask(self, method, url, token, content_type, body):
        request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": "Bearer " + self.values[token],
                                                  "Content-Type": content_type})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def admin(self, method, path, body):
        return self._ask(method, self.internal + "/admin/v1" + path, "VESTIBULE_ADMIN_TOKEN", "application/json", body)

    def scim(self, method, path, body=None):
        return self._ask(method, self.values["VESTIBULE_SCIM_URL"] + "/scim/v2" + path, "VESTIBULE_SCIM_TOKEN",
                         "application/scim+json", body)

    def users_called(self, name):
        query = urllib.parse.urlencode({"filter": f'userName eq "{name}"'})
        return self.scim("GET", "/Users?" + query)["totalResults"]

    def disable(self, user):
        self.scim("PATCH", "/Users/" + user, {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "active", "value": False}]})

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)


class Browser:
    """curl with a cookie jar."""

    def __init__(self, folder, site, certificate):
        self.folder = folder
        self.site = site
        self.jar = folder / f"cookies-{secrets.token_hex(4)}"
        self.certificate = certificate

    def get(self, path, follow=True, headers=(), body=None):
        """(status, headers with names in lower case, body) of the last answer: where redirects lead, or the first one
        itself when `follow` is off."""
        command = ["curl", "--silent", "--show-error", "--max-time", "20", "--cookie", self.jar, "--cookie-jar", self.jar,
                   "--cacert", self.certificate, "--dump-header", self.folder / "head", "--output", self.folder / "body"]
        if follow:
            command.append("--location")
        for name, value in dict(headers).items():
            command += ["--header", f"{name}: {value}"]
        if body is not None:
            command += ["--data-binary", body, "--header", "Content-Type: text/plain"]
        (self.folder / "body").write_bytes(b"")
        subprocess.run([*command, self.site + path], check=True, capture_output=True, text=True, timeout=30)
        head = (self.folder / "head").read_bytes().decode("latin-1").strip().split("\r\n\r\n")[-1].split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        return int(head[0].split()[1]), fields, (self.folder / "body").read_bytes().decode("latin-1")


class Checks:
    """Counts."""

    def __init__(self):
        self.passed = self.failed = 0
        self.proxy = ""

    def expect(self, what, seen, wanted):
        if seen == wanted:
            self.passed += 1
        else:
            self.failed += 1
            print(f"{self.proxy}: {what}: {seen!r} instead of {wanted!r}")


def received(body):
    """The application's account: all values of each header that came, by name in lower case."""
    seen = json.loads(body)
    headers = {}
    for name, value in seen["headers"]:
        headers.setdefault(name, []).append(value)
    return seen, headers


class Scene:
    """One proxy with who is at the keyboard in front of it and the application behind it."""

    def __init__(self, checks, name, keyboard, provider_name, site, login_location, stage):
        self.checks, self.name, self.keyboard, self.provider_name = checks, name, keyboard, provider_name
        self.login_location = login_location
        self.application, self.vestibule, self.login = stage.application, stage.vestibule, stage.login
        self.folder, self.certificate = stage.folder, stage.provider.certificate
        self.site = site

    def browser(self, who=None):
        self.keyboard.at_keyboard = who
        return Browser(self.folder, self.site, self.certificate)

    def settings(self, jit):
        self.vestibule.admin("PATCH", "/identity-providers/" + self.provider_name, {"jit": jit})

    def expect(self, what, seen, wanted):
        self.checks.expect(what, seen, wanted)

    def expect_unreached(self, what, before):
        self.expect(what + ": requests that reached the application", self.application.requests - before, 0)

    # The table: each row is one thing that every proxy has to do.

    def who_is_not_signed_in_is_sent_to_sign_in(self):
        before = self.application.requests
        for what, headers in (("nobody", {}), ("nobody with made-up headers", MADE_UP)):
            status, fields, _ = self.browser(person(self.name, "nobody")).get("/", False, headers)
            self.expect(what, status, 302)
            self.expect(what + ": where to", fields.get("location", "").startswith(self.login_location), True)
            self.expect(what + ": X-Vestibule-Code", fields.get("x-vestibule-code"), None)
            self.expect(what + ": a bearer challenge", "bearer" in fields.get("www-authenticate", "").lower(), False)
        self.expect_unreached("nobody", before)

    def who_signs_in_reaches_the_application_as_the_local_user(self):
        browser = self.browser(person(self.name, "zoë", "staff", "on-call"))
        status, _, body = browser.get("/page?a=1&b=%20x")
        self.expect("signed in", status, 200)
        seen, headers = received(body)
        self.expect("the path", seen["path"], "/page?a=1&b=%20x")
        user = headers.get("x-vestibule-user-id", [""])[0]
        self.expect("the user name", headers.get("x-vestibule-user-name"), [f"zo%C3%AB.{self.name}"])
        self.expect("the domain", headers.get("x-vestibule-domain"), ["PRIMARY"])
        self.expect("the groups", sorted(headers.get("x-vestibule-groups", [""])[0].split(",")),
                    ["on-call", "staff"])
        self.expect("the outcome", headers.get("x-vestibule-outcome"), ["created"])
        stored = self.vestibule.scim("GET", "/Users/" + user)
        self.expect("who it is in SCIM", stored["userName"], f"zoë.{self.name}")
        self.expect("the e-mail address", stored["emails"][0]["value"], f"zoë@{self.name}.example")

        # Again, with a body, and what is the application's business and not ours.
        status, _, body = browser.get("/form", body="a=" + "b" * 100_000, headers={"Authorization": "Basic YTpi"})
        seen, headers = received(body)
        self.expect("a form", (status, seen["method"], len(seen["body"])), (200, "POST", 100_002))
        self.expect("the same user", headers.get("x-vestibule-user-id"), [user])
        self.expect("the second outcome", headers.get("x-vestibule-outcome"), ["unchanged"])
        self.expect("the browser's Authorization", headers.get("authorization"), ["Basic YTpi"])
        self.expect("Vestibule's token at the application", self.vestibule.jit_token in body, False)

        status, _, body = browser.get("/", headers=MADE_UP)
        _, headers = received(body)
        self.expect("with made-up headers", (status, headers.get("x-vestibule-user-id")), (200, [user]))
        self.expect("made-up headers at the application", "made-up" in body, False)

    def who_is_refused_learns_why_and_gets_no_further(self):
        browser = self.browser(person(self.name, "mallory", "contractors"))
        before = self.application.requests
        status, fields, body = browser.get("/", headers=MADE_UP)
        self.expect("against a condition", (status, fields.get("x-vestibule-code")), (403, "JIT-1408"))
        self.expect("the code on the page", "JIT-1408" in body, True)
        self.expect("users of that name", self.vestibule.users_called(f"mallory.{self.name}"), 0)
        self.expect_unreached("against a condition", before)

        browser = self.browser(person(self.name, "bob"))
        _, headers = received(browser.get("/")[2])
        self.expect("a user without groups", (headers.get("x-vestibule-groups") or [""])[0], "")
        self.vestibule.disable(headers["x-vestibule-user-id"][0])
        before = self.application.requests
        status, fields, _ = browser.get("/")
        self.expect("disabled", (status, fields.get("x-vestibule-code")), (403, "JIT-1401"))
        self.expect_unreached("disabled", before)

    def who_has_no_local_user_is_let_through_as_nobody_where_the_settings_say_so(self):
        browser = self.browser(person(self.name, "mallory", "contractors"))
        for what, jit, outcome, code in (("onFailure allow", {"onFailure": "allow"}, "failed", ["JIT-1408"]),
                                         ("no provisioning", {"isEnabled": False}, "skipped", None)):
            self.settings(jit)
            status, _, body = browser.get("/", headers=MADE_UP)
            _, headers = received(body)
            self.expect(what, (status, headers.get("x-vestibule-outcome")), (200, [outcome]))
            self.expect(what + ": the code", headers.get("x-vestibule-code") or None, code)
            self.expect(what + ": who", [value for name in ("user-id", "user-name", "domain", "groups")
                                         for value in headers.get("x-vestibule-" + name, []) if value], [])
            self.expect(what + ": made-up headers at the application", "made-up" in body, False)
        self.settings({"onFailure": "refuse", "isEnabled": True})

    def nobody_gets_through_while_the_login_is_broken(self, browser):
        if self.keyboard is not self.login:
            return  # Apache keeps sessions itself, and asks nobody
        before = self.application.requests
        self.login.broken = True
        self.expect("signed in, without the login", browser.get("/", headers=MADE_UP)[0] >= 500, True)
        self.login.broken = False
        self.expect_unreached("without the login", before)

    def nobody_gets_through_while_vestibule_is_away(self, browser):
        before = self.application.requests
        status, fields, _ = browser.get("/", headers=MADE_UP)
        self.expect("signed in, without Vestibule", status >= 500, True)
        self.expect("no code", fields.get("x-vestibule-code"), None)
        self.expect_unreached("without Vestibule", before)

    TABLE = (who_is_not_signed_in_is_sent_to_sign_in, who_signs_in_reaches_the_application_as_the_local_user,
             who_is_refused_learns_why_and_gets_no_further,
             who_has_no_local_user_is_let_through_as_nobody_where_the_settings_say_so)

    def run(self, row, *arguments):
        """One row. One that breaks off, as at a page that is not the application's, is a failure of its own."""
        self.checks.proxy = self.name
        try:
            row(self, *arguments)
        except Exception:  # pylint: disable=broad-exception-caught
            self.checks.failed += 1
            print(f"{self.name}: {row.__name__} breaks off:")
            traceback.print_exc(file=sys.stdout)


class Stage:
    """All that runs, and its end."""

    def __init__(self, folder):
        self.folder = folder
        self.provider = OpenIdProvider(folder)
        self.login = LoginService()
        self.application = Application()
        self.children = []
        self.vestibule = None
        self.servers = [self.provider, self.login, self.application]
        for server in self.servers:
            server.start()

    def start_vestibule(self):
        self.vestibule = Vestibule(self.provider)
        oidc = {"OIDC_ISSUER": self.provider.issuer, "OIDC_CLIENT_ID": CLIENT,
                "OIDC_JWKS_URI": self.provider.issuer + "/jwks"}
        for path in ("identity-provider.json", "apache/identity-provider.json"):
            settings = json.loads(programs.fill_in((programs.CONFIGURATIONS / path).read_text(), oidc))
            # What is changed below is to be seen at once.
            settings["forwardAuth"]["cacheSeconds"] = 0
            self.vestibule.admin("POST", "/identity-providers", settings)

    def child(self, name):
        self.children.append(programs.Child(self.folder, name))
        return self.children[-1]

    def gate_values(self, child, identity_provider):
        """What gate.conf wants to know; its socket and its token are in the child's folder."""
        token_file = child.folder / "token.conf"
        token_file.write_text(f'proxy_set_header Authorization "Bearer {self.vestibule.jit_token}";\n')
        token_file.chmod(0o600)
        return {"VESTIBULE": self.vestibule.address, "APPLICATION": self.application.address,
                "GATE_SOCKET": child.folder / "gate.sock", "TOKEN_FILE": token_file,
                "IDENTITY_PROVIDER": identity_provider}

    def nginx(self, checks):
        port = programs.free_port()
        child = self.child("nginx")
        values = {**self.gate_values(child, "workforce"), "LISTEN": f"127.0.0.1:{port}", "LOGIN": self.login.address}
        programs.start_nginx(child, ["nginx/login.conf", "nginx/gate.conf"], values, programs.on_port(port))
        return Scene(checks, "nginx", self.login, "workforce", f"http://127.0.0.1:{port}", "/", self)

    def caddy(self, checks):
        port = programs.free_port()
        programs.start_caddy(self.child("caddy"), {
            "GATEWAY_SITE": f"http://127.0.0.1:{port}", "LOGIN": self.login.address, "VESTIBULE": self.vestibule.address,
            "VESTIBULE_JIT_TOKEN": self.vestibule.jit_token, "APPLICATION": self.application.address,
            "IDENTITY_PROVIDER": "workforce"}, port)
        return Scene(checks, "caddy", self.login, "workforce", f"http://127.0.0.1:{port}", "/", self)

    def apache(self, checks):
        gate = self.child("gate-of-apache")
        values = self.gate_values(gate, "workforce-oidc")
        socket_path = values["GATE_SOCKET"]
        programs.start_nginx(gate, ["nginx/gate.conf"], values,
                             lambda: programs.accepts(programs.socket.AF_UNIX, str(socket_path)))
        port = programs.free_port()
        child = self.child("apache")
        authorities = child.folder / "provider.crt"
        authorities.write_bytes(self.provider.certificate.read_bytes())
        programs.start_apache(child, {
            "GATEWAY_PORT": port, "GATE_SOCKET": socket_path, "CA_BUNDLE": authorities,
            "OIDC_METADATA_URL": self.provider.issuer + "/.well-known/openid-configuration", "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": SECRET, "OIDC_CRYPTO_PASSPHRASE": secrets.token_urlsafe(24)}, port)
        return Scene(checks, "apache", self.provider, "workforce-oidc", f"http://127.0.0.1:{port}",
                     self.provider.issuer + "/authorize?", self)

    def stop(self):
        for child in reversed(self.children):
            child.stop()
        if self.vestibule is not None:
            self.vestibule.stop()
        for server in self.servers:
            server.stop()

    def logs(self):
        return "\n".join(f"-- log of {child.name}\n{child.log.read_text()}" for child in self.children
                         if child.log.exists())


def check(stage, checks):
    stage.start_vestibule()
    scenes = [stage.nginx(checks), stage.caddy(checks), stage.apache(checks)]
    for scene in scenes:
        for row in Scene.TABLE:
            scene.run(row)
    signed_in = {}
    for scene in scenes:
        signed_in[scene.name] = scene.browser(person(scene.name, "late"))
        checks.proxy = scene.name
        checks.expect("signed in before the end", signed_in[scene.name].get("/")[0], 200)
        scene.run(Scene.nobody_gets_through_while_the_login_is_broken, signed_in[scene.name])
    stage.vestibule.stop()
    for scene in scenes:
        scene.run(Scene.nobody_gets_through_while_vestibule_is_away, signed_in[scene.name])


def main():
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="vestibule-gateways-") as folder:
        # Proxies that run as somebody else pass through it.
        os.chmod(folder, 0o711)
        stage = Stage(pathlib.Path(folder))
        try:
            check(stage, checks)
        finally:
            stage.stop()
            if checks.failed or sys.exc_info()[0]:
                print(stage.logs())
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
