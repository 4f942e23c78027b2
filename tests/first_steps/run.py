"""Does what README and the guide tell a newcomer: scripts/run, the three lines it prints, README's example of a login, and the quick
start of docs/guide.

Called by scripts/test. The data is in a temporary folder and the ports are free ones; the last line says
`N passed, M failed`.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import guide

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Run:
    """A running scripts/run, with what it has printed."""

    def __init__(self, data):
        environment = dict(os.environ, VESTIBULE_DATA_DIR=data, VESTIBULE_SERVER_PUBLIC_PORT="0",
                           VESTIBULE_SERVER_INTERNAL_PORT="0", VESTIBULE_LOG_LEVEL="warn")
        self.process = subprocess.Popen([ROOT / "scripts/run", "--no-build"], env=environment, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = ""
        for line in self.process.stdout:
            self.text += line
            if line.startswith("3. ") and self.text.count("\ncurl ") == 2:
                self.text += self.process.stdout.readline()
                return
        raise SystemExit(f"scripts/run ended:\n{self.text}")

    def lines(self):
        return re.findall(r"^curl .*$", self.text, re.MULTILINE)

    def word(self, pattern):
        return re.search(pattern, self.text).group(1)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def answer(line, **variables):
    """What the line prints, as JSON."""
    done = subprocess.run(["bash", "-c", line], env=dict(os.environ, **variables), text=True, capture_output=True,
                          timeout=60, check=True)
    return json.loads(done.stdout)


def readme_login():
    """README's example of a login: its indented lines, from curl to the closing quote."""
    readme = (ROOT / "README.md").read_text()
    return re.search(r"^    (curl -s \S*/jit/v1/provision .*?'\{.*?\}')$", readme, re.MULTILINE | re.DOTALL).group(1)


def main():
    failures = 0
    passed = 0

    def expect(what, seen, wanted):
        nonlocal failures, passed
        if seen == wanted:
            passed += 1
        else:
            failures += 1
            print(f"{what}: {seen!r} instead of {wanted!r}")

    with tempfile.TemporaryDirectory() as data:
        run = Run(data)
        try:
            login, read, deactivate = run.lines()
            created = answer(login)
            expect("the first line", created.get("outcome"), "created")
            expect("its domain", created.get("domain"), "CORP")
            found = answer(read)
            expect("the second line", found.get("totalResults"), 1)
            expect("whom it finds", found["Resources"][0]["id"], created["user"]["id"])
            expect("the third line", answer(deactivate).get("active"), False)

            internal = run.word(r"administration: (\S+)")
            token = run.word(r"\n  JIT +(\S+)")
            example = re.sub(r"http://\S+?(?=/jit)", internal, readme_login(), count=1)
            expect("README's login", answer(example, JIT=token).get("outcome"), "created")
            expect("README's second login", answer(example, JIT=token).get("outcome"), "unchanged")

            environment = dict(
                os.environ, PUBLIC=run.word(r"SCIM: (\S+)"), INTERNAL=internal, JIT=token, SCIM=run.word(r"\n  SCIM +(\S+)"),
                ADMIN=run.word(r"\n  admin +(\S+)"), VESTIBULE_DATA_DIR=data,
                PATH=f"{ROOT}/build/dev/src:{os.environ['PATH']}")
            guide.run(environment, expect)
            guide.run_clients(environment, expect)
        finally:
            run.stop()
    print(f"{passed} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
