"""What clients of all servers do at the same time, and what must be true of every node behind it."""

import itertools
import random
import threading
import time

CONTROL = "vestibule_control"
DOMAIN = "vestibule_primary"


class Failure(Exception):
    """A check that did not hold."""


def require(true, text):
    if not true:
        raise Failure(text)


def in_parallel(tasks):
    """Runs functions on threads that start together; the first error of any is raised."""
    tasks = list(tasks)
    results, errors = [None] * len(tasks), []
    barrier = threading.Barrier(len(tasks))

    def run(number, task):
        barrier.wait()
        try:
            results[number] = task()
        except Exception as error:  # pylint: disable=broad-exception-caught
            errors.append(error)

    threads = [threading.Thread(target=run, args=each) for each in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def settled(node, sql):
    """The rows of a query on a node that has applied all that the cluster had committed when it was asked."""
    return node.sql("SET SESSION wsrep_sync_wait = 1; " + sql)


def same_everywhere(nodes, sql):
    """The rows of a query, which every node answers alike."""
    answers = [settled(node, sql) for node in nodes]
    for node, answer in zip(nodes, answers):
        require(answer == answers[0], f"{node.name} and {nodes[0].name} differ: {sql}: {answer[:5]} and {answers[0][:5]}")
    return answers[0]


def until_done(ask, done):
    """Asks as a client does that wants it done: again while the server says that it is too busy. (status, document, asked)"""
    for asked in itertools.count(1):
        status, document = ask()
        if status in done:
            return status, document, asked
        require(status == 503 and asked < 200, f"answered {status} {document}")
        time.sleep(random.uniform(0.005, 0.02))


def first_logins(clients, nodes, subjects):
    """The same person signs in at every server at once: one user, made once, on every node."""
    again = 0
    for number in range(subjects):
        name = f"first{number}"
        answers = in_parallel(lambda client=client: until_done(lambda: client.login(name), (200, 201))
                              for client in clients for _ in range(2))
        made = [document["outcome"] for _, document, _ in answers].count("created")
        require(made == 1, f"{name} was created {made} times")
        require(len({document["user"]["id"] for _, document, _ in answers}) == 1, f"{name} is several users")
        again += sum(asked - 1 for _, _, asked in answers)
    links = same_everywhere(nodes, f"SELECT COUNT(*), COUNT(DISTINCT user_id) FROM {CONTROL}.federated_identities "
                                   "WHERE subject LIKE 'first%'")
    require(links == [[str(subjects)] * 2], f"federated identities: {links}")
    users = same_everywhere(nodes, f"SELECT COUNT(*) FROM {DOMAIN}.users WHERE user_name_fold LIKE 'first%'")
    require(users == [[str(subjects)]], f"users: {users}")
    return f"{subjects} people, {6 * subjects} logins, {again} told to come again"


def same_names(clients, nodes, names):
    """The same user name at every server at once: one is made, the others are told that it is taken."""
    for number in range(names):
        name = f"same{number}"
        answers = in_parallel(lambda client=client: until_done(lambda: client.create_user(name), (201, 409))
                              for client in clients)
        made = [status for status, _, _ in answers].count(201)
        require(made == 1, f"{name} was made {made} times")
    users = same_everywhere(nodes, f"SELECT COUNT(*) FROM {DOMAIN}.users WHERE user_name_fold LIKE 'same%'")
    require(users == [[str(names)]], f"users: {users}")
    return f"{names} names"


def memberships(clients, nodes, rounds):
    """Everybody adds and removes members of one group at once: all that was answered counts, once, on every node."""
    group = until_done(lambda: clients[0].create_group("team"), (201,))[1]["id"]
    workers = [(client, place) for client in clients for place in range(2)]

    def work(client, worker):
        mine, again = [], 0
        for number in range(rounds):
            user = until_done(lambda: client.create_user(f"member{worker}-{number}"), (201,))[1]["id"]
            again += until_done(lambda: client.add_member(group, user), (200, 204))[2] - 1
            mine.append(user)
            if number % 3 == 2:
                again += until_done(lambda: client.remove_member(group, mine[0]), (200, 204))[2] - 1
                mine.pop(0)
        return mine, again

    done = in_parallel(lambda client=client, number=number: work(client, number)
                       for number, (client, _) in enumerate(workers))
    wanted = sorted(user.replace("-", "") for mine, _ in done for user in mine)
    there = same_everywhere(nodes, f"SELECT LOWER(HEX(u.id)) FROM {DOMAIN}.memberships m JOIN {DOMAIN}.users u ON "
                                   f"u.seq = m.user_seq JOIN {DOMAIN}.user_groups g ON g.seq = m.group_seq WHERE "
                                   "g.display_name = 'team' ORDER BY 1")
    require([row[0] for row in there] == wanted, f"{len(there)} members, {len(wanted)} were answered for")
    changes = len(workers) * (rounds + rounds // 3)
    version = same_everywhere(nodes, f"SELECT version FROM {DOMAIN}.user_groups WHERE display_name = 'team'")
    require(version == [[str(1 + changes)]], f"version {version} after {changes} changes: some were lost or made twice")
    again = sum(count for _, count in done)
    return f"{changes} changes of one group, {again} told to come again"


def members_that_go(clients, nodes, rounds):
    """A user is put into a group at one server while another deletes the user: no membership without its user."""
    group = until_done(lambda: clients[0].create_group("goers"), (201,))[1]["id"]
    for number in range(rounds):
        user = until_done(lambda: clients[0].create_user(f"goer{number}"), (201,))[1]["id"]
        # Until the others know of the user there is nothing to race for.
        for client in clients[1:]:
            until_found(client, "/Users/" + user)
        in_parallel([lambda: until_done(lambda: clients[1].add_member(group, user), (200, 204, 400)),
                     lambda: until_done(lambda: clients[2].scim("DELETE", "/Users/" + user), (204,))])
    left = same_everywhere(nodes, f"SELECT COUNT(*) FROM {DOMAIN}.memberships m JOIN {DOMAIN}.user_groups g ON g.seq = "
                                  "m.group_seq WHERE g.display_name = 'goers'")
    require(left == [["0"]], f"{left} memberships are left")
    return f"{rounds} users"


def until_found(client, path):
    until = time.monotonic() + 10
    while client.scim("GET", path)[0] != 200:
        require(time.monotonic() < until, f"{path} does not reach {client.server.name}")
        time.sleep(0.005)


def circles(clients, nodes, rounds):
    """One server puts a group into another while the next does the reverse: never both."""
    for number in range(rounds):
        first, second, third = (until_done(lambda name=name: clients[0].create_group(f"ring{number}{name}"), (201,))[1]["id"]
                                for name in "abc")
        for client in clients[1:]:
            until_found(client, "/Groups/" + third)
        answers = in_parallel([lambda: until_done(lambda: clients[0].add_member(first, second), (200, 204, 400)),
                               lambda: until_done(lambda: clients[1].add_member(second, third), (200, 204, 400)),
                               lambda: until_done(lambda: clients[2].add_member(third, first), (200, 204, 400))])
        refused = [status for status, _, _ in answers].count(400)
        require(refused == 1, f"{refused} of three steps of a circle were refused")
    loops = same_everywhere(nodes, f"SELECT COUNT(*) FROM {DOMAIN}.group_ancestors WHERE ancestor_seq = descendant_seq")
    require(loops == [["0"]], f"{loops} groups contain themselves")
    pairs = same_everywhere(nodes, f"SELECT COUNT(*) FROM {DOMAIN}.group_ancestors")
    require(pairs == [[str(3 * rounds)]], f"{pairs} pairs of groups, {3 * rounds} are right")
    return f"{rounds} circles"


class Writers:
    """Clients that make users without end and remember which were answered for; a server that is away is tried again."""

    def __init__(self, clients, prefix):
        self.prefix = prefix
        self.acknowledged = []
        self.unknown = 0
        self.refused = 0
        self.mistakes = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._write, args=(client, number))
                         for number, client in enumerate(clients)]
        for thread in self._threads:
            thread.start()

    def _write(self, client, worker):
        for number in itertools.count():
            if self._stop.is_set():
                return
            status, document = client.create_user(f"{self.prefix}{worker}-{number}")
            with self._lock:
                if status == 201:
                    self.acknowledged.append(document["id"].replace("-", ""))
                elif status == 0:
                    self.unknown += 1
                elif status == 503:
                    self.refused += 1
                else:
                    self.mistakes.append((status, document))
            if status != 201:
                time.sleep(0.05)

    def count(self):
        with self._lock:
            return len(self.acknowledged)

    def wait_for(self, more):
        """Until so many more writes were answered for."""
        wanted, until = self.count() + more, time.monotonic() + 60
        while self.count() < wanted:
            require(time.monotonic() < until, f"writes stand still at {self.count()}; {self.mistakes[:3]}")
            time.sleep(0.02)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def require_everywhere(self, nodes):
        """Everything that was answered for is on every node, which all hold the same."""
        rows = same_everywhere(nodes, f"SELECT LOWER(HEX(id)) FROM {DOMAIN}.users WHERE user_name_fold LIKE "
                                      f"'{self.prefix}%' ORDER BY id")
        there = {row[0] for row in rows}
        lost = [each for each in self.acknowledged if each not in there]
        require(not lost, f"{len(lost)} of {len(self.acknowledged)} acknowledged writes are lost")
        require(not self.mistakes, f"wrong answers: {self.mistakes[:3]}")
        return f"{len(self.acknowledged)} acknowledged, {self.refused} refused, {self.unknown} unanswered"
