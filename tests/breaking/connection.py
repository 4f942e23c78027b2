"""One client's connections to the servers, and what can be known of a request that got no answer."""

import http.client
import json

# Longer than the server may take to answer: who has no answer by then has found a bug.
PATIENCE_S = 60


class Answer:
    """Status, headers and body. Status 0: the request never went out, so nothing was done. Status None: it went out, or may
    have, and no whole answer came back."""

    def __init__(self, status, headers=None, body=b""):
        self.status = status
        self.headers = headers or {}
        self.body = body

    def json(self):
        return json.loads(self.body)

    @property
    def version(self):
        """The number in an entity tag such as W/"7"; None without one."""
        tag = self.headers.get("etag", "")
        return int(tag[3:-1]) if tag.startswith('W/"') else None


class Connections:
    """Kept open from request to request, one to each address. Not for more than one thread."""

    def __init__(self):
        self.open = {}

    def ask(self, address, method, target, token, body=None, headers=()):
        """Sends a request once, whatever happens: a second try could do the work twice."""
        connection = self.open.pop(address, None)
        if connection is not None and closed(connection):
            connection.close()
            connection = None
        if connection is None:
            connection = http.client.HTTPConnection(*address, timeout=PATIENCE_S)
            try:
                connection.connect()
            except OSError:
                connection.close()
                return Answer(0)
        fields = {"Authorization": "Bearer " + token, **dict(headers)}
        if body is not None:
            fields["Content-Type"] = "application/json" if "/jit/" in target or "/admin/" in target else "application/scim+json"
        try:
            connection.request(method, target, None if body is None else json.dumps(body), fields)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return Answer(None)
        if response.will_close:
            connection.close()
        else:
            self.open[address] = connection
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)

    def close(self):
        for connection in self.open.values():
            connection.close()
        self.open.clear()


def closed(connection):
    """True when the server has ended a kept connection meanwhile: the next request would be lost for no fault of its own."""
    connection.sock.setblocking(False)
    try:
        return connection.sock.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.sock.settimeout(PATIENCE_S)
