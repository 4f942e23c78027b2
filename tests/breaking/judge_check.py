"""The judge against made-up rounds: a clean one, and one for each way in which it can be spoilt. A judge that finds nothing
proves nothing. The last line says `N passed, M failed`.
"""

import copy
import sys

from history import OPEN, REFUSED, TAKEN, Operation
from judge import DISORDERED, DUPLICATED, HALF, LOST, STRANGE, UNTRUE, Judge


class Made:
    """A history of a few operations, one after the other, and what they leave."""

    def __init__(self):
        self.operations, self.users, self.groups = [], [], {}
        self.identities, self.events, self.by_mail = {}, [], set()

    def add(self, kind, outcome=TAKEN, status=200, done=True, **fields):
        number = len(self.operations) + 1
        operation = Operation(number, "c", kind, {"outcome": outcome, "status": status, "began": 10 * number,
                                                  "ended": 10 * number + 5, **fields})
        self.operations.append(operation)
        if done and not kind.startswith("read"):
            word = {"create": "user.created", "create_group": "group.created", "delete": "user.deleted",
                    "login": "jit.created"}.get(kind, "user.updated")
            event = {"correlationId": operation.id, "action": word, "user": operation.resource}
            if kind != "delete":
                event["versionAfter"] = fields.get("version") or fields["made"]
            if fields.get("version", fields.get("made", 1)) > 1:
                event["versionBefore"] = event["versionAfter"] - 1
            self.events.append(event)
        return operation

    def user(self, resource, name, version, **attributes):
        self.users.append({"id": resource, "userName": name, "meta": {"version": f'W/"{version}"'}, **attributes})
        self.by_mail.add(resource)

    def group(self, resource, name, version, *members):
        self.groups[name] = {"id": resource, "displayName": name, "meta": {"version": f'W/"{version}"'},
                             "members": [{"value": member} for member in members]}


def clean():
    made = Made()
    made.add("create_group", resource="crew", name="crew", version=1)
    made.add("create_group", resource="team", name="team", version=1)
    made.add("create", resource="reg", name="register", version=1)
    made.add("create", resource="ada", name="ada", version=1)                                           # b4
    made.add("create", OPEN, None, done=False, name="bob")
    made.add("create", REFUSED, 409, done=False, name="ada")                                            # b6
    made.add("mark", resource="reg", version=2)                                                         # b7
    made.add("append", resource="reg", version=3, read_version=2)                                       # b8
    made.add("append", REFUSED, 412, done=False, resource="reg", read_version=2)
    made.add("append", OPEN, 503, made=4, resource="reg", read_version=3)                               # b10
    made.add("append", resource="reg", version=5, read_version=4)                                       # b11
    made.add("add_member", resource="team", version=2, member="ada")                                    # b12
    made.add("read_team", resource="team", version=2, result=["ada"])                                   # b13
    made.add("create", resource="eve", name="eve", version=1)
    made.add("delete", status=204, resource="eve")                                                      # b15
    made.add("login", resource="ida", subject="ida", title="first", version=1, result="created")        # b16
    made.add("login", done=False, resource="ida", subject="ida", title="first", version=1, result="unchanged")
    made.add("login", OPEN, None, done=False, subject="kim", title="first")
    made.user("reg", "register", 5, title="b7", nickName="b8 b10 b11")
    made.user("ada", "ada", 1)
    made.user("ida", "ida", 1, title="first")
    made.group("crew", "crew", 2, "ida")
    made.group("team", "team", 2, "ada")
    made.identities = {"ida": "ida", "kim": None}
    return made


def operation(made, number):
    return made.operations[number - 1]


def event(made, number):
    return next(event for event in made.events if event["correlationId"] == f"b{number}")


def user(made, name):
    return next(user for user in made.users if user["userName"] == name)


def drop_user(made, name):
    made.by_mail.discard(user(made, name)["id"])
    made.users.remove(user(made, name))


# What is done to the clean round, and what of it has to be found.
TABLE = [
    ("a user is gone", LOST, lambda made: drop_user(made, "ada")),
    ("a deleted user is back", LOST, lambda made: made.user("eve", "eve", 1)),
    ("a member is gone", LOST, lambda made: made.groups["team"]["members"].clear()),
    ("a read lacks a member of its version", LOST, lambda made: operation(made, 13).result.clear()),
    ("an event is gone", LOST, lambda made: made.events.remove(event(made, 4))),
    ("an appended marker is gone", LOST, lambda made: user(made, "register").update(nickName="b10 b11")),
    ("a mark is gone", LOST, lambda made: user(made, "register").update(title="before")),
    ("an append overwrote another", LOST, lambda made: setattr(operation(made, 11), "read_version", 3)),
    ("a user lags behind its events", LOST, lambda made: user(made, "register")["meta"].update(version='W/"4"')),
    ("a login's title is gone", LOST, lambda made: user(made, "ida").update(title="before")),
    ("a login's group is gone", LOST, lambda made: made.groups["crew"]["members"].clear()),
    ("a login's identity is gone", LOST, lambda made: made.identities.update(ida=None)),
    ("a group is gone", LOST, lambda made: made.groups.pop("team")),
    ("a change was made twice", DUPLICATED, lambda made: made.events.append(copy.copy(event(made, 7)))),
    ("two users have one name", DUPLICATED, lambda made: made.user("ada2", "ada", 1)),
    ("a marker was appended twice", DUPLICATED, lambda made: user(made, "register").update(nickName="b8 b10 b10 b11")),
    ("a subject was created twice", DUPLICATED, lambda made: setattr(operation(made, 17), "result", "created")),
    ("an answer and its event differ", DISORDERED, lambda made: event(made, 7).update(versionAfter=6)),
    ("markers are not in their order", DISORDERED, lambda made: user(made, "register").update(nickName="b8 b11 b10")),
    ("versions have a gap", DISORDERED, lambda made: event(made, 10).update(versionBefore=2)),
    ("a later change has a smaller version", DISORDERED, lambda made: setattr(operation(made, 11), "version", 2)),
    ("a read is older than what was there", DISORDERED, lambda made: setattr(operation(made, 13), "version", 1)),
    ("a user nobody made", HALF, lambda made: made.user("bob", "bob", 1)),
    ("a member without an event", HALF, lambda made: made.groups["team"]["members"].append({"value": "reg"})),
    ("an identity without its user", HALF, lambda made: made.identities.update(kim="kim")),
    ("a grant without its identity", HALF, lambda made: made.groups["crew"]["members"].append({"value": "ada"})),
    ("an index entry without its user", HALF, lambda made: made.by_mail.add("nobody")),
    ("a user without its index entry", HALF, lambda made: made.by_mail.discard("ada")),
    ("a marker that nobody stored", HALF, lambda made: made.events.remove(event(made, 10))),
    ("what was refused was done", UNTRUE, lambda made: made.events.append({**event(made, 4), "correlationId": "b6"})),
    ("a failure that no fault excuses", STRANGE, lambda made: setattr(operation(made, 5), "status", 500)),
    ("a name that nobody has is taken", STRANGE, lambda made: operation(made, 5).__dict__.update(status=409, outcome=REFUSED)),
]


def forget(made):
    """Somebody reads a version, and another list of members, that nobody is told of and that is gone afterwards."""
    made.add("mark", OPEN, None, done=False, resource="reg", began=500, ended=600)
    made.add("add_member", OPEN, None, done=False, resource="team", member="reg", began=500, ended=600)
    made.add("login", OPEN, None, done=False, subject="kim", title="first", began=500, ended=600)
    made.add("create", OPEN, None, done=False, name="zoe", began=500, ended=600)
    made.add("read_register", resource="reg", version=6, began=510, ended=520)
    made.add("read_team", resource="team", version=3, result=["ada", "reg"], began=510, ended=520)
    made.add("login", done=False, resource="kim", subject="kim", title="first", version=1, result="unchanged", began=510,
             ended=520)
    made.add("create", REFUSED, 409, done=False, name="zoe", began=510, ended=520)
    made.add("read_register", resource="reg", version=5, began=610, ended=620)


# Of a round whose database forgets nothing, and of one whose database was killed.
UNSPOILT = [("a clean round", None, lambda made: None, False),
            ("a clean round with a killed database", None, lambda made: None, True),
            ("what a killed database forgets", None, forget, True)]
FORGETFUL = [("what a database forgets that was not killed", kind, forget, False) for kind in (LOST, DISORDERED, HALF, STRANGE)]


def main():
    passed = failed = 0
    spoilt = [(*row, forgets) for row in TABLE for forgets in (True, False)]
    for name, wanted, spoil, forgets in UNSPOILT + FORGETFUL + spoilt:
        made = clean()
        spoil(made)
        found = Judge(made.operations, made, "crew", forgets).judge()
        if (wanted in {kind for kind, _ in found}) if wanted else not found:
            passed += 1
        else:
            failed += 1
            print(f"{name}: {wanted} was not found, but {found}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
