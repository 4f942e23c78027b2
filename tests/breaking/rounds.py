"""Rounds of work, a strike in the middle of each, and a judgement at its end."""

import collections
import datetime
import json
import random
import sys
import time

from connection import Connections
from history import OPEN, History
from judge import KINDS, Judge
from stored import Stored
from vestibule import Broken, wait_until
from workload import Client, Scene

# When the strike comes, counted from when the work is under way.
STRIKE_S = (0.1, 1.0)
# So much work has to be under way before the strike, and to be done again after it.
FLOWING = 60
SERVED_AGAIN_S = 90
# Of each kind of finding so many are printed a round.
SHOWN = 5


def say(text):
    print(text, file=sys.stderr, flush=True)


class Round:
    """One round: its history, and how to read again what belongs to it."""

    def __init__(self, number, run):
        self.number, self.run = number, run
        self.prefix = f"r{number}-"
        self.history = History()
        self.scene = Scene(self.prefix, run.servers, run.tokens, self.history)
        self.since = now(-1)
        self.until = None
        self.excused = set()
        self.found = set()
        self.forgets = False

    def work(self, strike, clients, chance):
        if not self.scene.lay_out():
            raise Broken("the resources of a round cannot be made")
        crowd = [Client(self.scene, f"c{i}", self.run.seed) for i in range(clients)]
        for client in crowd:
            client.start()
        try:
            self.flow(crowd, "before the strike")
            time.sleep(chance.uniform(*STRIKE_S))
            self.forgets = strike.forgets
            strike.strike(chance)
            self.flow(crowd, "after the strike")
        finally:
            self.scene.stopped.set()
            for client in crowd:
                client.join()
        for client in crowd:
            if client.problem is not None:
                raise client.problem
        self.until = now(1)

    def flow(self, crowd, when):
        """Waits until requests are served, or a client has met what it cannot make sense of."""
        begin = self.history.taken

        def flows():
            return self.history.taken >= begin + FLOWING or any(client.problem for client in crowd)
        try:
            wait_until(flows, SERVED_AGAIN_S, f"clients are not served {when}")
        except Broken:
            self.history.write(self.run.keep_folder() / f"round-{self.number}.history")
            raise

    def judge(self):
        """The findings, through each of the servers."""
        subjects = {operation.subject for operation in self.history.operations if operation.kind == "login"}
        findings = []
        for server in self.run.servers:
            self.await_ready(server)
            stored = Stored(server, self.run.tokens).read(self.prefix, subjects, self.since, self.until)
            judge = Judge(self.history.operations, stored, self.scene.crew, self.forgets)
            found = judge.judge()
            self.excused = judge.excused
            if found:
                self.keep(stored, found)
            findings += found
        return findings

    @staticmethod
    def await_ready(server):
        connections = Connections()
        wait_until(lambda: connections.ask(server.scim_address, "GET", "/readyz", "").status == 200, SERVED_AGAIN_S,
                   "the server is not ready")
        connections.close()

    def keep(self, stored, found):
        """What somebody needs who wants to know why."""
        folder = self.run.keep_folder()
        self.history.write(folder / f"round-{self.number}.history")
        (folder / f"round-{self.number}.stored").write_text(json.dumps(
            {"users": stored.users, "groups": stored.groups, "identities": stored.identities, "events": stored.events},
            ensure_ascii=False, indent=1), encoding="utf-8")
        (folder / f"round-{self.number}.findings").write_text("".join(f"{kind}: {text}\n" for kind, text in found))
        for kind in KINDS:
            for text in [text for of, text in found if of == kind][:SHOWN]:
                say(f"round {self.number}: {kind}: {text}")
        say(f"round {self.number}: history and state are in {folder}")


def now(seconds):
    """The time so many seconds from now, as the audit takes it."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Run:
    """Many rounds. `strikes` take turns; `settle` waits until nothing of what was asked for is under way."""

    def __init__(self, servers, tokens, strikes, keep, seed, settle=lambda: None):
        self.servers, self.tokens, self.strikes = servers, tokens, strikes
        self.keep, self.seed, self.settle = keep, seed, settle
        self.chance = random.Random(seed)
        self.rounds = []
        self.findings = collections.Counter()
        self.struck = collections.Counter()

    def go(self, rounds, clients):
        for number in range(1, rounds + 1):
            strike = self.strikes[(number - 1) % len(self.strikes)]
            one = Round(number, self)
            self.rounds.append(one)
            one.work(strike, clients, self.chance)
            self.struck[strike.name] += 1
            self.settle()
            self.note(one)
            if number % 10 == 0 and number < rounds:
                say(f"{number} rounds: {self.taken():,} acknowledged, {self.open():,} unknown, "
                    f"{sum(self.findings.values())} findings")
        # What was there after its round has to be there after all later ones, too.
        for one in self.rounds if rounds > 1 else []:
            self.note(one)

    def note(self, one):
        """Judges a round, and counts what was not found before."""
        found = set(one.judge()) - one.found
        one.found |= found
        self.findings.update(kind for kind, _ in found)

    def keep_folder(self):
        self.keep.mkdir(parents=True, exist_ok=True)
        return self.keep

    def bad_rounds(self):
        return sum(bool(one.found) for one in self.rounds)

    def taken(self):
        return sum(one.history.taken_writes() for one in self.rounds)

    def open(self):
        return sum(operation.outcome == OPEN for one in self.rounds for operation in one.history.operations)

    def unanswered(self):
        return sum(operation.status is None for one in self.rounds for operation in one.history.operations)

    def summary(self):
        turns = ", ".join(f"{count} {name}" for name, count in self.struck.items())
        counts = ", ".join(f"{self.findings[kind]} {kind}" for kind in KINDS)
        return (f"{sum(self.struck.values())} rounds ({turns}): {self.taken():,} acknowledged writes, {self.open():,} unknown "
                f"outcomes ({self.unanswered():,} without an answer), {sum(len(one.excused) for one in self.rounds):,} excused "
                f"answers; {counts}")
