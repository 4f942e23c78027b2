"""All users of the domain, page after page by cursor: how fast, whether the last pages are as fast as the first, and in
how much memory."""

import http.client
import statistics
import time
import urllib.parse

from service import DOMAIN, BenchError, memory_mb

PAGE = 200
# Pages that are compared at both ends of the walk.
ENDS = 50
NEXT = b'"nextCursor":"'


class Walk:
    """One walk over one connection."""

    def __init__(self, service):
        url = urllib.parse.urlparse(service.scim_url)
        self.connection = http.client.HTTPConnection(url.hostname, url.port, timeout=120)
        self.headers = {"Authorization": "Bearer " + service.scim_token}

    def page(self, cursor):
        """The text of one page, and the cursor of the next; None behind the last."""
        query = urllib.parse.urlencode({"cursor": cursor, "count": PAGE})
        self.connection.request("GET", f"/domains/{DOMAIN}/scim/v2/Users?{query}", headers=self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise BenchError(f"a page of the export answered {answer.status}: {text[:300]!r}")
        begin = text.find(NEXT, 0, 1000)
        if begin < 0:
            return text, None
        begin += len(NEXT)
        return text, text[begin:text.index(b'"', begin)].decode("ascii")


def export(service, users):
    """Users and seconds of the walk, seconds of its first and last pages (medians), MB more at its end than after the
    first pages."""
    walk = Walk(service)
    cursor, seen, times, before = "", 0, [], 0
    begin = time.monotonic()
    while cursor is not None:
        asked = time.monotonic()
        text, cursor = walk.page(cursor)
        times.append(time.monotonic() - asked)
        seen += text.count(b'"userName":')
        if len(times) == ENDS:
            before = memory_mb(service.pid)
    seconds = time.monotonic() - begin
    if seen < users:
        raise BenchError(f"the export has {seen} of {users} users")
    whole = times[:-1]
    ends = min(ENDS, max(1, len(whole) // 2))
    return {"users": seen, "seconds": seconds, "page_seconds": times,
            "first": statistics.median(whole[:ends]), "last": statistics.median(whole[-ends:]),
            "more_mb": memory_mb(service.pid) - (before or memory_mb(service.pid))}
