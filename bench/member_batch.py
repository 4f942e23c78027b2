"""A thousand members in one PATCH against one member in one PATCH, on one connection."""

import json
import statistics
import time

from export_walk import Walk
from service import DOMAIN
from verify import PATCH_OP, Client

BATCH = 1000
BATCHES = 10
SINGLES = 200
GROUPS = f"/domains/{DOMAIN}/scim/v2/Groups"


def add(client, group, members):
    """Seconds."""
    body = json.dumps({"schemas": [PATCH_OP], "Operations": [
        {"op": "add", "path": "members", "value": [{"value": member} for member in members]}]})
    begin = time.monotonic()
    client.ask("PATCH", f"{GROUPS}/{group}", body, expected=204)
    return time.monotonic() - begin


def batch_of_single(service):
    """Median seconds of both, and how many times longer the batch takes."""
    client = Client(service.scim_url, service.scim_token)
    walk, cursor, users = Walk(service), "", []
    while len(users) < BATCH:
        text, cursor = walk.page(cursor)
        users += [user["id"] for user in json.loads(text)["Resources"]]
    users = users[:BATCH]

    def group(name):
        return client.ask("POST", GROUPS, json.dumps({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name}), expected=201)["id"]

    batches, singles = [], []
    for number in range(BATCHES):
        several, one = group(f"Batch {number}"), group(f"Singles {number}")
        batches.append(add(client, several, users))
        singles += [add(client, one, [user]) for user in users[:SINGLES // BATCHES]]
        for made in (several, one):
            client.ask("DELETE", f"{GROUPS}/{made}", expected=204)
    batch, single = statistics.median(batches), statistics.median(singles)
    return {"batch": batch, "single": single, "times": batch / single}
