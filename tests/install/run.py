#!/usr/bin/env python3
"""Installs a build tree to a folder, moves the folder, and runs the program from there on its private database: it finds all
that it needs beside itself, writes nothing where it was started, and says so when its files are gone.

usage: run.py CMAKE BUILD_DIR
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE_S = 60
INSTALLED = ["bin/vestibule", "share/man/man1/vestibule.1", "share/vestibule/scim-schemas/user.json",
             "share/vestibule/sql/control/001_control.sql", "share/vestibule/sql/domain/001_domain.sql",
             "share/vestibule/web/prompt", "share/doc/vestibule/LICENSE", "share/doc/vestibule/README.md",
             "share/doc/vestibule/docs/jit.md", "share/doc/vestibule/examples/device/device.json",
             "share/doc/vestibule/examples/identity_providers/okta.json",
             "share/doc/vestibule/gateways/nginx/login.conf"]


def expect(what, seen, wanted):
    if seen != wanted:
        raise SystemExit(f"{what}: {seen!r} instead of {wanted!r}")


def fetch(url, token=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


class Server:
    """`serve` of an installed program, in a working folder of its own."""

    def __init__(self, program, temporary):
        self.program = program
        self.cwd = temporary / "empty"
        self.cwd.mkdir()
        # Nothing of ours: no PATH with a build tree in it, no settings.
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "VESTIBULE_DATA_DIR": str(temporary / "data"),
                            "VESTIBULE_SERVER_PUBLIC_PORT": "0", "VESTIBULE_SERVER_INTERNAL_PORT": "0",
                            "VESTIBULE_LOG_LEVEL": "warn"}
        ready = temporary / "ready"
        self.process = subprocess.Popen([program, "serve", "--ready-file", ready], cwd=self.cwd, env=self.environment)
        until = time.monotonic() + PATIENCE_S
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the installed server does not get ready")
            time.sleep(0.02)
        self.urls = dict(re.findall(r"^(\w+)=(.*)$", ready.read_text(), re.MULTILINE))

    def command(self, *arguments):
        return subprocess.run([self.program, *arguments], cwd=self.cwd, env=self.environment, text=True,
                              capture_output=True, timeout=PATIENCE_S, check=True).stdout

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE_S)


def serve_a_request(program, temporary):
    server = Server(program, temporary)
    try:
        scim = server.urls["VESTIBULE_SCIM_URL"]
        expect("health", fetch(scim + "/healthz"), (200, "ok\n"))
        token = json.loads(server.command("--json", "token", "create", "--name", "t", "--scope", "scim:read"))["token"]
        # A running server learns within a second of what a command has changed.
        until = time.monotonic() + PATIENCE_S
        status, body = fetch(scim + "/scim/v2/Users", token)
        while status in (401, 429) and time.monotonic() < until:
            time.sleep(0.05)
            status, body = fetch(scim + "/scim/v2/Users", token)
        expect("a list of users", (status, json.loads(body).get("totalResults")), (200, 0))
    finally:
        status = server.stop()
    expect("how it stops", status, 0)
    expect("what it left where it was started", os.listdir(server.cwd), [])


def say_what_is_missing(program, temporary):
    shutil.rmtree(program.parents[1] / "share/vestibule/sql")
    done = subprocess.run([program, "migrate"], cwd=temporary / "empty", text=True, capture_output=True,
                          env={"VESTIBULE_DATA_DIR": str(temporary / "data")}, timeout=PATIENCE_S, check=False)
    expect("the exit status without migrations", done.returncode, 1)
    if str(program.parents[1] / "share/vestibule/sql") not in done.stderr:
        raise SystemExit(f"not told what is missing: {done.stderr}")


def main():
    cmake, build = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as name:
        temporary = pathlib.Path(name)
        first = temporary / "first"
        subprocess.run([cmake, "--install", build, "--prefix", first], check=True, stdout=subprocess.DEVNULL)
        for path in INSTALLED:
            expect(path, (first / path).exists(), True)
        links = [str(path) for path in first.rglob("*") if path.is_symlink()]
        expect("links to where it was built", links, [])
        moved = temporary / "moved" / "elsewhere"
        moved.parent.mkdir()
        first.rename(moved)
        serve_a_request(moved / "bin/vestibule", temporary)
        say_what_is_missing(moved / "bin/vestibule", temporary)
    print("the installed program serves")


if __name__ == "__main__":
    main()
