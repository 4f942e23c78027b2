"""The guide, as it stands: the commands of its quick start in order, and their answers against those that the page shows; and what the
pages on Okta and Entra tell to do before, with what these send then."""

import json
import pathlib
import re
import subprocess
import time

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs/guide"
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def differences(shown, seen, where="the answer"):
    """What the page shows and the answer lacks. Members that the page leaves out may be anything."""
    if isinstance(shown, dict) and isinstance(seen, dict):
        found = []
        for name, value in shown.items():
            found += differences(value, seen.get(name), f"{where}.{name}")
        return found
    if isinstance(shown, list) and isinstance(seen, list) and len(shown) == len(seen):
        return [each for number, value in enumerate(shown) for each in differences(value, seen[number], f"{where}[{number}]")]
    return [] if shown == seen else [f"{where} is {seen!r}, and shown is {shown!r}"]


def steps():
    """Each block of commands, with the answer that the page shows behind it, or None."""
    found = []
    for kind, text in BLOCK.findall((GUIDE / "quick-start.md").read_text()):
        if kind == "sh":
            found.append([text, None])
        else:
            found[-1][1] = json.loads(text)
    return found


def run(environment, expect):
    """Runs the page. `expect` is told what was seen of each step that shows an answer."""
    for number, (commands, shown) in enumerate(steps(), start=1):
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", commands], env=environment, text=True, capture_output=True,
                              timeout=60, check=False)
        what = f"step {number} of the quick start"
        if done.returncode != 0:
            expect(what, done.stdout + done.stderr, "success")
        elif shown is not None:
            # An answer is one document; what commands before it print is none of it.
            try:
                seen = json.loads(done.stdout)
            except ValueError:
                seen = done.stdout
            expect(what, differences(shown, seen), [])


def set_up(page, environment):
    """Runs what a page on a SCIM client tells to do here; base URL and token that come of it."""
    text = (GUIDE / page).read_text()
    commands = re.findall(r"^ +(vestibule (?:.*\\\n)*.*)$", text[:text.index("## In ")], re.MULTILINE)
    printed = ""
    for command in commands:
        done = subprocess.run(["bash", "-c", command], env=environment, text=True, capture_output=True, timeout=60, check=False)
        printed += done.stdout + done.stderr
    base = re.search(r"`https://scim\.example\.com(/domains/\S+?)`", text).group(1)
    token = re.search(r"vst_\S+", printed)
    return base, token.group(0) if token else printed


def post(environment, url, token, body):
    """Status of what a SCIM client makes."""
    done = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url, "-H", f"Authorization: Bearer {token}",
         "-H", "Content-Type: application/scim+json; charset=utf-8", "-d", json.dumps(body)],
        env=environment, text=True, capture_output=True, timeout=60, check=True)
    return done.stdout


def run_clients(environment, expect):
    """The pages on SCIM clients: what they make then is a user named by an address, and a group with a blank in its name."""
    for page in ("okta.md", "entra.md"):
        base, token = set_up(page, environment)
        # What is done beside the server, it sees within a second.
        deadline = time.monotonic() + 10
        url = environment["PUBLIC"] + base
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Zoe.Nunez@acme.example", "externalId": "1"}
        while (status := post(environment, url + "/Users", token, user)) in ("401", "404") and time.monotonic() < deadline:
            time.sleep(0.1)
        expect(f"a user by {page}", status, "201")
        expect(f"the same in another case by {page}",
               post(environment, url + "/Users", token, {**user, "userName": "zoe.nunez@ACME.example"}), "409")
        group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Sales Team"}
        expect(f"a group by {page}", post(environment, url + "/Groups", token, group), "201")
