"""Provisions an independent SCIM service, SCIMMY from npm, by a running Vestibule.

Called by scripts/test. Each check sets a target up, changes users and groups here, and looks at what is there. The service is pinned
by package-lock.json and installed into build/outbound. The last line says `N passed, M failed`.
"""

import json
import pathlib
import secrets
import shutil
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INSTALLED = ROOT / "build/outbound"
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def install():
    lock = (HERE / "package-lock.json").read_bytes()
    kept = INSTALLED / "package-lock.json"
    if not (INSTALLED / "node_modules").is_dir() or not kept.exists() or kept.read_bytes() != lock:
        shutil.rmtree(INSTALLED, ignore_errors=True)
        INSTALLED.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, INSTALLED)
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=INSTALLED, check=True)
    shutil.copy(HERE / "service.mjs", INSTALLED)


def ask(method, url, token=None, body=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, method=method, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None, answer.headers
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text else None, error.headers


class Service:
    """The other system."""

    def __init__(self):
        self.token = secrets.token_hex(16)
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(["node", "service.mjs", self.token], cwd=INSTALLED, text=True, stdout=subprocess.PIPE)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise SystemExit("the service did not start")

    def force(self, status, **more):
        ask("PUT", self.url + "/control", body={"status": status, **more})

    def look(self):
        return ask("GET", self.url + "/control")[1]

    def users(self, prefix):
        """The names that begin so, with `!` in front of those that are not active."""
        return sorted(("" if user.get("active", True) else "!") + user["userName"] for user in self.look()["users"]
                      if user["userName"].startswith(prefix))

    def groups(self, prefix):
        """Members by name of the group."""
        seen = self.look()
        names = {user["id"]: user["userName"] for user in seen["users"]}
        return {group["displayName"]: sorted(names.get(member["value"], "?") for member in group.get("members") or [])
                for group in seen["groups"] if group["displayName"].startswith(prefix)}

    def stop(self):
        self.process.kill()
        self.process.wait()


class Vestibule:
    """A running scripts/run --ephemeral."""

    def __init__(self):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([ROOT / "scripts/run", "--ephemeral", "--no-build"], text=True, stdout=subprocess.PIPE)
        self.values = {}
        for line in self.process.stdout:
            name, _, value = line.strip().partition("=")
            self.values[name] = value
            if name == "VESTIBULE_PID":
                break
        else:
            raise SystemExit("scripts/run ended")

    def admin(self, method, path, body=None):
        return ask(method, self.values["VESTIBULE_INTERNAL_URL"] + "/admin/v1" + path, self.values["VESTIBULE_ADMIN_TOKEN"], body)

    def scim(self, method, path, body=None):
        status, answer, headers = ask(method, self.values["VESTIBULE_SCIM_URL"] + "/scim/v2" + path,
                                      self.values["VESTIBULE_SCIM_TOKEN"], body)
        if status >= 300:
            raise AssertionError(f"{method} {path}: {status} {answer}")
        return answer, headers

    def user(self, user_name, **more):
        return self.scim("POST", "/Users", {"schemas": [CORE + "User"], "userName": user_name, **more})[0]["id"]

    def group(self, name, *members):
        return self.scim("POST", "/Groups", {"schemas": [CORE + "Group"], "displayName": name,
                                             "members": [{"value": member} for member in members]})[0]["id"]

    def patch(self, path, *operations):
        return self.scim("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def state(self, target, user):
        return self.admin("GET", f"/outbound/{target}/users/{user}")[1]

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Check:
    """What every check has: both sides, names of its own, and a target for these alone."""

    def __init__(self, here, there, name):
        self.here, self.there, self.name = here, there, name

    def target(self, **settings):
        body = {"name": self.name, "baseUrl": self.there.url + "/scim/v2",
                "authentication": {"type": "bearer", "token": self.there.token},
                "filter": f'userName sw "{self.name}"', **settings}
        status, answer, _ = self.here.admin("PUT", "/outbound/" + self.name, body)
        assert status in (200, 201), answer

    def end(self):
        self.here.admin("DELETE", "/outbound/" + self.name)

    def until(self, look, wanted):
        end = time.monotonic() + 60
        while (seen := look()) != wanted:
            assert time.monotonic() < end, f"{seen} instead of {wanted}"
            time.sleep(0.05)

    def users(self, *names):
        self.until(lambda: self.there.users(self.name), sorted(names))

    def groups(self, **groups):
        self.until(lambda: self.there.groups(self.name),
                   {self.name + name: sorted(members) for name, members in groups.items()})


def replaced(path, value):
    return {"op": "replace", "path": path, "value": value}


def lives_of_users(check, update):
    check.target(update=update)
    ada = check.here.user(check.name + "ada", name={"givenName": "Ada"}, title="Countess",
                          emails=[{"value": "ada@x.example", "type": "work", "primary": True}])
    check.users(check.name + "ada")
    there = next(user for user in check.there.look()["users"] if user["userName"] == check.name + "ada")
    assert there["name"]["givenName"] == "Ada" and there["emails"][0]["value"] == "ada@x.example", there
    assert there["externalId"] == ada, there
    check.here.patch("/Users/" + ada, replaced("userName", check.name + "lovelace"), {"op": "remove", "path": "title"})
    check.users(check.name + "lovelace")
    there = next(user for user in check.there.look()["users"] if user["externalId"] == ada)
    assert not there.get("title"), there
    check.here.patch("/Users/" + ada, replaced("active", False))
    check.users("!" + check.name + "lovelace")
    check.here.patch("/Users/" + ada, replaced("active", True))
    check.users(check.name + "lovelace")
    check.here.scim("DELETE", "/Users/" + ada)
    check.users("!" + check.name + "lovelace")
    assert check.here.state(check.name, ada)["state"] == "left"


def users_by_put(check):
    lives_of_users(check, "put")


def users_by_patch(check):
    lives_of_users(check, "patch")


def deletion(check):
    check.target(onRemoval="delete")
    ada = check.here.user(check.name + "ada")
    check.users(check.name + "ada")
    check.here.scim("DELETE", "/Users/" + ada)
    check.users()


def scope(check):
    check.target(filter=f'userName sw "{check.name}" and title eq "Engineer"')
    ada = check.here.user(check.name + "ada", title="Poet")
    bob = check.here.user(check.name + "bob", title="Engineer")
    check.users(check.name + "bob")
    check.here.patch("/Users/" + ada, replaced("title", "Engineer"))
    check.here.patch("/Users/" + bob, replaced("title", "Poet"))
    check.users(check.name + "ada", "!" + check.name + "bob")
    check.here.patch("/Users/" + bob, replaced("title", "Engineer"))
    check.users(check.name + "ada", check.name + "bob")


def memberships(check):
    check.target(groups=[check.name + "staff"])
    ada, bob = check.here.user(check.name + "ada"), check.here.user(check.name + "bob")
    staff = check.here.group(check.name + "staff", ada)
    check.groups(staff=[check.name + "ada"])
    check.here.patch("/Groups/" + staff, {"op": "add", "path": "members", "value": [{"value": bob}]})
    check.groups(staff=[check.name + "ada", check.name + "bob"])
    check.here.patch("/Groups/" + staff, {"op": "remove", "path": f'members[value eq "{ada}"]'})
    check.groups(staff=[check.name + "bob"])


def taking_over(check):
    ask("POST", check.there.url + "/scim/v2/Users", check.there.token,
        {"schemas": [CORE + "User"], "userName": check.name + "ada", "title": "of old"})
    check.target()
    ada = check.here.user(check.name + "ada", title="new")
    check.until(lambda: check.here.state(check.name, ada)["state"], "synchronised")
    found = [user for user in check.there.look()["users"] if user["userName"] == check.name + "ada"]
    assert len(found) == 1 and found[0]["title"] == "new", found


def being_gone_there(check):
    check.target()
    ada = check.here.user(check.name + "ada")
    check.until(lambda: check.here.state(check.name, ada)["state"], "synchronised")
    remote = check.here.state(check.name, ada)["remoteId"]
    assert ask("DELETE", check.there.url + "/scim/v2/Users/" + remote, check.there.token)[0] == 204
    check.here.patch("/Users/" + ada, replaced("title", "back"))
    check.users(check.name + "ada")


def an_outage(check):
    check.target()
    check.there.force(503, retryAfter=1)
    ada = check.here.user(check.name + "ada")
    check.until(lambda: check.here.state(check.name, ada).get("httpStatus"), 503)
    time.sleep(3)
    asked = len(check.there.look()["requests"])
    assert asked <= 6, f"{asked} requests although Retry-After asks for a second between them"
    check.there.force(0)
    check.users(check.name + "ada")


def a_refusal(check):
    check.target()
    check.there.force(403, detail="not here")
    ada = check.here.user(check.name + "ada")
    check.until(lambda: check.here.state(check.name, ada)["state"], "failed")
    assert "not here" in check.here.state(check.name, ada)["detail"]
    check.there.force(0)
    assert check.here.admin("POST", f"/outbound/{check.name}/users/{ada}/retry")[0] == 202
    check.users(check.name + "ada")


def a_wrong_token(check):
    check.target(authentication={"type": "bearer", "token": "wrong"})
    ada = check.here.user(check.name + "ada")
    check.until(lambda: check.here.state(check.name, ada).get("httpStatus"), 401)
    assert check.here.state(check.name, ada)["state"] == "waiting", "the token is the target's, not the user's"
    check.target()
    check.users(check.name + "ada")


def blocking(check):
    check.target(blocking={"enabled": True, "seconds": 30})
    _, headers = check.here.scim("POST", "/Users", {"schemas": [CORE + "User"], "userName": check.name + "ada"})
    assert headers["Vestibule-Outbound"] == check.name + "=done", headers["Vestibule-Outbound"]
    assert check.there.users(check.name) == [check.name + "ada"]


CHECKS = [users_by_put, users_by_patch, deletion, scope, memberships, taking_over, being_gone_there, an_outage, a_refusal,
          a_wrong_token, blocking]


def main():
    install()
    passed = failed = 0
    there = Service()
    here = None
    try:
        here = Vestibule()
        for number, run in enumerate(CHECKS):
            check = Check(here, there, f"t{number:02}-")
            try:
                run(check)
                passed += 1
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f"FAILED {run.__name__}")
                traceback.print_exc(file=sys.stdout)
            there.force(0)
            check.end()
    finally:
        if here:
            here.stop()
        there.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
