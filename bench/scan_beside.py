"""A client that asks what no index answers, beside others: what it does to their p99."""

import http.client
import threading
import urllib.parse

from service import DOMAIN

# Reads as many documents as a scan may, finds nobody, and is told so: the most that one request can cost. By cursor,
# because a list with its total would be refused before it reads.
QUERY = urllib.parse.urlencode({"filter": 'title co "no such title"', "cursor": "", "count": 10})


class Scanner(threading.Thread):
    """Asks again and again until it is stopped."""

    def __init__(self, service):
        super().__init__(daemon=True)
        self.service = service
        self.stopped = threading.Event()
        self.scans = 0
        self.problem = None

    def run(self):
        url = urllib.parse.urlparse(self.service.scim_url)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=120)
        headers = {"Authorization": "Bearer " + self.service.scim_token}
        while not self.stopped.is_set():
            connection.request("GET", f"/domains/{DOMAIN}/scim/v2/Users?{QUERY}", headers=headers)
            answer = connection.getresponse()
            text = answer.read()
            # Where all users fit into a scan there is no refusal.
            if answer.status == 200 or (answer.status == 400 and b'"tooMany"' in text):
                self.scans += 1
            else:
                self.problem = f"{answer.status}: {text[:300]!r}"
                return

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join()
