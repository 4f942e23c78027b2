"""The largest group, read whole: how long it takes, and how much more memory the server holds meanwhile."""

import http.client
import json
import time
import urllib.parse

from service import DOMAIN, BenchError, memory_mb

# Small reads, so that the server has to wait for the client as it would for one far away.
READ_BYTES = 64 * 1024


def forget_peak(pid):
    """Makes VmHWM begin anew."""
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def ask(service, target):
    """The answer to a GET below the benchmark's domain, not yet read."""
    url = urllib.parse.urlparse(service.scim_url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=120)
    connection.request("GET", f"/domains/{DOMAIN}/scim/v2{target}", headers={"Authorization": "Bearer " + service.scim_token})
    answer = connection.getresponse()
    if answer.status != 200:
        raise BenchError(f"GET {target} answered {answer.status}")
    return answer


def read_large_group(service, name):
    """Members, bytes, seconds, and MB more than before at the peak."""
    query = urllib.parse.urlencode({"filter": f'displayName eq "{name}"', "attributes": "id"})
    found = json.loads(ask(service, "/Groups?" + query).read())["Resources"]
    if len(found) != 1:
        raise BenchError(f"there are {len(found)} groups {name}")
    target = "/Groups/" + found[0]["id"]
    for piece in iter(lambda answer=ask(service, target): answer.read(READ_BYTES), b""):
        del piece  # once before, so that what every first request takes is there already
    before = memory_mb(service.pid)
    forget_peak(service.pid)
    begin = time.monotonic()
    answer = ask(service, target)
    text = b"".join(iter(lambda: answer.read(READ_BYTES), b""))
    seconds = time.monotonic() - begin
    more = memory_mb(service.pid, "VmHWM") - before
    return {"members": len(json.loads(text)["members"]), "bytes": len(text), "seconds": seconds, "more_mb": more}
