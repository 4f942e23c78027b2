"""Deletion of a user who is in very many groups, without and with an event stream that wants each group's change."""

import json
import statistics
import time

from service import DOMAIN, BenchError
from verify import Client

GROUPS = 10_000
ROUNDS = 3
BASE = f"/domains/{DOMAIN}/scim/v2"
AT_ONCE = 1000
STREAM = {"name": "bench-leaving", "kind": "webhook", "state": "paused", "url": "https://127.0.0.1:1/",
          "secret": "nothing is ever sent"}


def bulk(client, operations):
    """Ids of what the operations were about."""
    answer = client.ask("POST", f"{BASE}/Bulk", json.dumps({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}))
    failed = [operation for operation in answer["Operations"] if not operation["status"].startswith("2")]
    if failed:
        raise BenchError(f"bulk: {failed[0]}")
    return [operation["location"].rsplit("/", 1)[1] for operation in answer["Operations"]]


def grouped(client, users):
    """Ids of many groups that all the users are in."""
    groups = []
    for first in range(0, GROUPS, AT_ONCE):
        groups += bulk(client, [{
            "method": "POST", "path": "/Groups", "bulkId": str(number),
            "data": {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": f"Left {number}",
                     "members": [{"value": user} for user in users]}} for number in range(first, first + AT_ONCE)])
    return groups


def seconds_to_delete(client, user):
    begin = time.monotonic()
    client.ask("DELETE", f"{BASE}/Users/{user}", expected=204)
    return time.monotonic() - begin


def deletions(service):
    """Median seconds of a deletion without and with the stream, and how many times longer the second takes."""
    client = Client(service.scim_url, service.scim_token)
    users = bulk(client, [{
        "method": "POST", "path": "/Users", "bulkId": str(number),
        "data": {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": f"leaver-{number}"}}
        for number in range(2 * ROUNDS)])
    groups = grouped(client, users)
    settings = service.data / "bench-stream.json"
    settings.write_text(json.dumps(STREAM))
    without, told = [], []
    for one, two in zip(users[:ROUNDS], users[ROUNDS:]):
        without.append(seconds_to_delete(client, one))
        service.command("event-stream", "apply", str(settings))
        time.sleep(1.5)  # The server looks for such changes twice a second.
        told.append(seconds_to_delete(client, two))
        service.command("event-stream", "remove", STREAM["name"])
        time.sleep(1.5)
    for first in range(0, GROUPS, AT_ONCE):
        bulk(client, [{"method": "DELETE", "path": f"/Groups/{group}"} for group in groups[first:first + AT_ONCE]])
    plain, watched = statistics.median(without), statistics.median(told)
    return {"groups": GROUPS, "without": plain, "with": watched, "times": watched / plain}

