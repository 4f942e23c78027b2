"""One process of clients of a soak. Reads what it needs as one JSON object from the first line of standard input. Each further
line is `SECONDS REQUESTS`: to ask for so long at so many requests a second, 0 for as many as are answered. After each it prints
what came of it, a JSON object of latencies in microseconds, a count of requests that were given up on purpose, and of what was wrong.
"""

import json
import random
import socket
import sys
import threading
import time
import urllib.parse

from connection import Connections
from vestibule import PROVIDER
from workload import GROUPS, USER, USERS, patch

THREADS = 4
# How often a client does what; one of the last kind goes away in the middle of an answer.
WEIGHTS = {"read": 38, "find": 18, "login_known": 14, "retitle": 8, "come_and_go": 6, "login_changed": 4, "join_and_leave": 4,
           "page": 3, "bad": 3, "give_up": 2}


class Client:
    """One client, which does one thing after the other."""

    def __init__(self, known, label, seed):
        self.scim, self.internal = tuple(known["scim"]), tuple(known["internal"])
        self.tokens, self.users, self.group = known["tokens"], known["users"], known["group"]
        self.label, self.random, self.number = label, random.Random(seed), 0
        self.connections = Connections()
        self.taken, self.wrong, self.given_up = [], [], 0

    def ask(self, method, target, body=None, expected=(200,), jit=False):
        begin = time.perf_counter()
        answer = self.connections.ask(self.internal if jit else self.scim, method, target,
                                      self.tokens["jit" if jit else "scim"], body)
        self.taken.append(int((time.perf_counter() - begin) * 1e6))
        if answer.status not in expected:
            self.wrong.append(f"{method} {target}: {answer.status} {answer.body[:200]!r}")
        return answer

    def read(self):
        self.ask("GET", f"{USERS}/{self.random.choice(self.users)}")

    def find(self):
        name = f"user-{self.random.randrange(len(self.users))}"
        self.ask("GET", f"{USERS}?filter=" + urllib.parse.quote(f'userName eq "{name}"'))

    def login(self, subject, title):
        self.ask("POST", "/jit/v1/provision", {
            "identityProvider": PROVIDER, "subject": subject,
            "claims": {"login": subject, "email": f"{subject}@example.com", "title": title}}, (200, 201), jit=True)

    def login_known(self):
        self.login(f"{self.label}-{self.random.randrange(50)}", "as ever")

    def login_changed(self):
        self.number += 1
        self.login(f"{self.label}-changing", f"number {self.number}")

    def retitle(self):
        self.number += 1
        self.ask("PATCH", f"{USERS}/{self.random.choice(self.users)}",
                 patch({"op": "replace", "path": "title", "value": f"{self.label} {self.number}"}))

    def come_and_go(self):
        self.number += 1
        made = self.ask("POST", USERS, {"schemas": [USER], "userName": f"{self.label}-guest-{self.number}"}, (201,))
        if made.status == 201:
            self.ask("DELETE", f"{USERS}/{made.json()['id']}", expected=(204,))

    def join_and_leave(self):
        member = self.random.choice(self.users)
        self.ask("PATCH", f"{GROUPS}/{self.group}",
                 patch({"op": "add", "path": "members", "value": [{"value": member}]}), (200, 204))
        self.ask("PATCH", f"{GROUPS}/{self.group}", patch({"op": "remove", "path": f'members[value eq "{member}"]'}), (200, 204))

    def page(self):
        self.ask("GET", f"{USERS}?cursor=&count=50")

    def bad(self):
        target, body, status = self.random.choice([
            (USERS, {"schemas": [USER]}, 400), (USERS + "/.search", {"filter": "((("}, 400), ("/scim/v2/Nothing", {}, 404)])
        self.ask("POST", target, body, (status,))

    def give_up(self):
        self.given_up += 1
        with socket.create_connection(self.scim, timeout=10) as connection:
            connection.sendall((f"GET {USERS}?count=200 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                f"{self.tokens['scim']}\r\n\r\n").encode())

    def run(self, until, pause):
        """Until then, so that between the beginnings of two things lie `pause` seconds on average."""
        due = time.perf_counter() + self.random.random() * pause
        kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
        while time.perf_counter() < until:
            if pause:
                time.sleep(max(0.0, min(due, until) - time.perf_counter()))
                due = max(due + pause, time.perf_counter() - 1)
            getattr(self, self.random.choices(kinds, weights)[0])()


def main():
    known = json.loads(sys.stdin.readline())
    clients = [Client(known, f"{known['label']}-{number}", f"{known['label']}-{number}") for number in range(THREADS)]
    for line in sys.stdin:
        seconds, rate = (float(word) for word in line.split())
        until = time.perf_counter() + seconds
        pause = THREADS / rate if rate else 0.0
        threads = [threading.Thread(target=client.run, args=(until, pause)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(json.dumps({"taken": sum((client.taken for client in clients), []),
                          "wrong": sum((client.wrong for client in clients), []),
                          "given_up": sum(client.given_up for client in clients)}), flush=True)
        for client in clients:
            client.taken, client.wrong, client.given_up = [], [], 0


if __name__ == "__main__":
    main()
