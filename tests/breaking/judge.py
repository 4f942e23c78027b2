"""Whether what is there can have come from what was asked and told. Pure: a history and what is stored in, findings out."""

from collections import defaultdict

from history import OPEN, REFUSED, TAKEN

LOST = "lost"                # acknowledged, and not there
DUPLICATED = "duplicated"    # done twice, or two of what must be one
DISORDERED = "out of order"  # versions that do not rise, or an effect in another place than its version says
HALF = "half-written"        # one part of a transaction without the other
UNTRUE = "refused but done"  # said to be refused, and there
STRANGE = "strange answers"  # an answer that no fault excuses
KINDS = (LOST, DUPLICATED, DISORDERED, HALF, UNTRUE, STRANGE)

WRITES = {"create", "delete", "mark", "append", "create_group", "add_member", "remove_member", "login"}
# Refusals that the clients provoke. Everything else is for them to succeed at, or to be told 503.
REFUSALS = {("create", 409), ("append", 412)}


class Judge:
    """Looks at one round, whose logins grant the group `crew`. `operations` have all ended, and nothing that they asked for is
    under way any more. `forgets`: the database was killed, and may have shown what it then forgot."""

    def __init__(self, operations, stored, crew, forgets=False):
        self.operations = operations
        self.stored = stored
        self.crew_name = crew
        self.forgets = forgets
        self.findings = []
        self.excused = set()  # ids of operations that saw changes which nobody was told of and which did not survive
        self.events = defaultdict(list)        # by the id of the operation
        self.events_about = defaultdict(list)  # by the id of the user or group
        self.by_id = {operation.id: operation for operation in operations}
        for event in stored.events:
            if event.get("correlationId") in self.by_id:
                self.events[event["correlationId"]].append(event)
                self.events_about[about(event)].append(event)
        self.of_kind = defaultdict(list)
        for operation in operations:
            self.of_kind[operation.kind].append(operation)
        self.user_by_id = {user["id"]: user for user in stored.users}

    def find(self, kind, text):
        self.findings.append((kind, text))

    def event_of(self, operation):
        """What the audit has of an operation, None where it was not done."""
        events = self.events.get(operation.id)
        return events[0] if events else None

    def done(self, kind):
        """The operations that took effect, acknowledged or not."""
        return [operation for operation in self.of_kind[kind] if operation.outcome == TAKEN or self.event_of(operation)]

    def saw(self, operation, is_cause):
        """True when what an operation was told may come from a change that did not survive: a database shows others a change a
        moment before it is safe on the disk and its author is told. Killed in that moment it forgets the change, whose author
        knows that it may not have been made; who read it meanwhile does not."""
        seen = self.forgets and any(
            other.outcome == OPEN and changes(other) and not self.event_of(other) and
            other.began < operation.ended < other.ended and is_cause(other) for other in self.operations)
        if seen:
            self.excused.add(operation.id)
        return seen

    def saw_version_that_vanished(self, read):
        """The same of the version of a read: its number may have come again since, for another change."""
        if changes(read):
            return False
        maker = next((event for event in self.events_about[read.resource] if event.get("versionAfter") == read.version), None)
        known = self.by_id.get(maker["correlationId"]) if maker else None
        # Made by somebody who asked before the read was answered: what was read is what is there.
        if known is not None and known.began < read.ended:
            return False
        return self.saw(read, lambda other: other.resource == read.resource or
                        (other.kind == "login" and read.kind == "login" and other.subject == read.subject))

    def judge(self):
        self.answers()
        self.audit()
        for check in (self.created_users, self.logins, self.registers, self.teams, self.crew, self.chains, self.indexes,
                      self.real_time):
            check()
        return self.findings

    def answers(self):
        for operation in self.operations:
            if operation.status in (None, 0, 503) or operation.outcome == TAKEN:
                continue
            if (operation.kind, operation.status) not in REFUSALS:
                self.find(STRANGE, f"{operation.kind} {operation.id} was answered {operation.status}")

    def audit(self):
        """An acknowledged write has one event with the version that was told, a refused one has none."""
        for operation in self.operations:
            events = self.events.get(operation.id, [])
            what = f"{operation.kind} {operation.id}"
            if len(events) > 1:
                self.find(DUPLICATED, f"{what} has {len(events)} events")
            if operation.outcome == REFUSED and events:
                self.find(UNTRUE, f"{what} was answered {operation.status} and has the event {events[0]['action']}")
            if operation.outcome != TAKEN or operation.kind not in WRITES or operation.result == "unchanged":
                continue
            if not events:
                self.find(LOST, f"{what} was acknowledged and has no event")
            elif operation.version is not None and events[0].get("versionAfter") != operation.version:
                self.find(DISORDERED, f"{what} was told version {operation.version}, its event says {events[0]}")

    def created_users(self):
        """One user for each name that somebody was made under, unless deleted since; none for any other."""
        deleted = {operation.resource for operation in self.done("delete")}
        makers = defaultdict(list)
        for operation in self.done("create"):
            makers[operation.name].append(operation)
        there = defaultdict(list)
        for user in self.stored.users:
            there[user["userName"]].append(user)
        for name in {operation.name for operation in self.of_kind["create"]}:
            if len(makers[name]) > 1:
                self.find(DUPLICATED, f"{name} was made {len(makers[name])} times")
            if len(there[name]) > 1:
                self.find(DUPLICATED, f"there are {len(there[name])} users {name}")
            if not makers[name]:
                if there[name]:
                    self.find(HALF, f"{name} is there, and no event says that it was made")
                elif any(operation.status == 409 and not self.saw(operation, lambda other: other.kind == "create" and
                                                                  other.name == operation.name)
                         for operation in self.of_kind["create"] if operation.name == name):
                    self.find(STRANGE, f"{name} was refused as taken, and nobody has it")
                continue
            event = self.event_of(makers[name][0])
            made = makers[name][0].resource or about(event)
            if event and about(event) != made:
                self.find(HALF, f"the event of {name} is about {about(event)}, and {made} was made")
            if made in deleted:
                if made in self.user_by_id:
                    self.find(LOST, f"{name} was deleted, and is there")
            elif [user["id"] for user in there[name]] != [made]:
                self.find(LOST, f"{name} was made as {made}, there is {[user['id'] for user in there[name]]}")

    def logins(self):
        """User, identity, group and event of a first login are all there or none is, and once."""
        by_subject = defaultdict(list)
        for operation in self.of_kind["login"]:
            by_subject[operation.subject].append(operation)
        by_name = {user["userName"]: user for user in self.stored.users}
        crew = self.stored.groups.get(self.crew_name, {})
        members = {member["value"] for member in crew.get("members", [])}
        for subject, operations in by_subject.items():
            created = [event for operation in operations for event in self.events.get(operation.id, [])
                       if event["action"] == "jit.created"]
            told = [operation for operation in operations if operation.result == "created"]
            if len(created) > 1 or len(told) > 1:
                self.find(DUPLICATED, f"{subject} was created {len(created)} times, {len(told)} times acknowledged")
            ids = {operation.resource for operation in operations
                   if operation.outcome == TAKEN and (changes(operation) or not self.saw_login_that_vanished(operation))}
            identity, user = self.stored.identities.get(subject), by_name.get(subject)
            parts = {"event": about(created[0]) if created else None, "identity": identity,
                     "user": user and user["id"],
                     "group": user["id"] if user and user["id"] in members else None}
            if len(set(parts.values())) > 1:
                self.find(LOST if ids else HALF, f"{subject} is {parts}")
            if ids - {identity}:
                self.find(LOST, f"{subject} was told {ids}, and is {identity}")
            if user:
                self.newest_title(subject, operations, user)

    def saw_login_that_vanished(self, login):
        return self.saw(login, lambda other: other.kind == "login" and other.subject == login.subject)

    def newest_title(self, subject, operations, user):
        titles = {self.event_of(operation)["versionAfter"]: operation.title
                  for operation in operations if self.event_of(operation)}
        if titles and user.get("title") != titles[max(titles)]:
            self.find(LOST, f"{subject} has the title {user.get('title')} instead of {titles[max(titles)]}")

    def registers(self):
        """The list holds what was appended, in the order of the versions; the attribute what was set last."""
        for register in {operation.resource for operation in self.of_kind["append"] + self.of_kind["mark"]}:
            user = self.user_by_id.get(register)
            if user is None:
                self.find(LOST, f"the register {register} is gone")
                continue
            appends = self.by_version("append", register)
            has = user.get("nickName", "").split()
            for marker in sorted(set(has)):
                if has.count(marker) > 1:
                    self.find(DUPLICATED, f"{marker} was appended {has.count(marker)} times to {register}")
            for operation in self.of_kind["append"]:
                if operation.resource != register or (operation.id in has) == (operation in appends):
                    continue
                kind = LOST if operation in appends else {OPEN: HALF, REFUSED: UNTRUE}[operation.outcome]
                self.find(kind, f"append {operation.id} ({operation.outcome}) to {register}, which has {has[-5:]}")
            wanted = [operation.id for operation in appends]
            if sorted(wanted) == sorted(has) and wanted != has:
                self.find(DISORDERED, f"{register} has {has} where the versions say {wanted}")
            for operation in appends:
                event = self.event_of(operation)
                if event and event.get("versionBefore") != operation.read_version:
                    self.find(LOST, f"append {operation.id} was to version {operation.read_version} and overwrote "
                                    f"version {event.get('versionBefore')}")
            marks = self.by_version("mark", register)
            if marks and user.get("title") != marks[-1].id:
                self.find(LOST, f"{register} is marked {user.get('title')} instead of {marks[-1].id}")

    def by_version(self, kind, resource):
        done = [(self.version_of(operation), operation) for operation in self.done(kind) if operation.resource == resource]
        return [operation for version, operation in sorted(done, key=lambda pair: pair[0])]

    def version_of(self, operation):
        if operation.version is not None:
            return operation.version
        event = self.event_of(operation)
        return (event or {}).get("versionAfter") or 0

    def teams(self):
        """Every read of a group, and what is there now, has the members that its version says. A group is read version first:
        members that came with a later one may be there already, if they were asked for before the read ended."""
        gone = {operation.resource: operation for operation in self.done("delete")}
        for name in {operation.name for operation in self.done("create_group")} - set(self.stored.groups):
            self.find(LOST, f"the group {name} is gone")
        for group in self.stored.groups.values():
            changes = {kind: {operation.member: operation for operation in self.done(kind)
                              if operation.resource == group["id"]} for kind in ("add_member", "remove_member")}
            reads = [(read.version, read.began, read.ended, read.result, read.id) for read in self.of_kind["read_team"]
                     if read.outcome == TAKEN and read.resource == group["id"] and not self.saw_membership_that_vanished(read)]
            reads.append((int(group["meta"]["version"][3:-1]), float("inf"), float("inf"),
                          [member["value"] for member in group.get("members", [])], "now"))
            if group["displayName"] == self.crew_name:
                continue
            for read in reads:
                self.team_read(group["displayName"], read, changes["add_member"], changes["remove_member"], gone)

    def saw_membership_that_vanished(self, read):
        return self.saw(read, lambda other: other.resource == read.resource or
                        (other.kind == "delete" and other.resource not in read.result))

    def team_read(self, name, read, adds, removes, gone):
        version, began, ended, members, label = read
        if len(set(members)) != len(members):
            self.find(DUPLICATED, f"{name} has a member twice in read {label}")
        for member in set(members) - set(adds):
            self.find(HALF, f"{name} has {member} in read {label}, whom no event says to have been added")
        for member, add in adds.items():
            out, deleted = removes.get(member), gone.get(member)
            may_be_out = (out is not None and out.began < ended) or (deleted is not None and deleted.began < ended)
            must_be_out = (out is not None and self.version_of(out) <= version) or \
                (deleted is not None and deleted.ended < began and (deleted.outcome == TAKEN or label == "now"))
            if member in members:
                if must_be_out:
                    self.find(LOST, f"{name} has {member} in read {label}, who was removed")
                elif add.began > ended:
                    self.find(DISORDERED, f"{name} has {member} in read {label}, before {add.id} was asked for")
            elif self.version_of(add) <= version and not may_be_out:
                self.find(LOST, f"{name} lacks {member} of {add.id} in read {label} of version {version}")

    def crew(self):
        """Nobody is in the group of the logins but those who have signed in."""
        crew = self.stored.groups.get(self.crew_name, {})
        signed_in = set(self.stored.identities.values())
        for member in crew.get("members", []):
            if member["value"] not in signed_in:
                self.find(HALF, f"{self.crew_name} has {member['value']}, who has no identity")

    def chains(self):
        """The versions of a resource rise; those of a user without a gap, up to the version that it has."""
        for resource, events in self.events_about.items():
            changes = sorted((event["versionAfter"], event.get("versionBefore", 0)) for event in events
                             if "versionAfter" in event)
            versions = [after for after, _ in changes]
            if len(set(versions)) != len(versions) or any(before >= after for after, before in changes):
                self.find(DISORDERED, f"the events of {resource} have the versions {changes}")
            user = self.user_by_id.get(resource)
            if user is None:
                continue
            if [before for _, before in changes] != [0] + versions[:-1]:
                self.find(DISORDERED, f"the versions of {user['userName']} have a gap: {changes}")
            if user["meta"]["version"] != f'W/"{versions[-1]}"':
                self.find(LOST, f"{user['userName']} has the version {user['meta']['version']}, its last event {versions[-1]}")

    def indexes(self):
        """Who is found by name is found by address, and the other way round."""
        for user in set(self.user_by_id) ^ self.stored.by_mail:
            self.find(HALF, f"{user} is found by {'name' if user in self.user_by_id else 'address'} alone")

    def real_time(self):
        """What was acknowledged before something else was asked for has the smaller version."""
        told = defaultdict(list)
        for operation in self.operations:
            if operation.outcome == TAKEN and operation.version is not None and operation.resource and \
                    operation.kind != "delete" and not self.saw_version_that_vanished(operation):
                told[operation.resource].append(operation)
        for resource, operations in told.items():
            ended = sorted(operations, key=lambda operation: operation.ended)
            newest, position = None, 0
            for operation in sorted(operations, key=lambda operation: operation.began):
                while position < len(ended) and ended[position].ended < operation.began:
                    if newest is None or ended[position].version > newest.version:
                        newest = ended[position]
                    position += 1
                if newest is not None and operation.version < newest.version + (1 if changes(operation) else 0):
                    self.find(DISORDERED, f"{operation.kind} {operation.id} on {resource} got version {operation.version} "
                                          f"after {newest.kind} {newest.id} had got {newest.version}")

def changes(operation):
    """False for a read, and for a login that changes nothing."""
    return operation.kind in WRITES and operation.result != "unchanged"


def about(event):
    """The id of what an event is about."""
    return event.get("user") or event.get("resource")
