"""The application behind the gateways: it tells what reached it."""

import json

from web import Handler, Server


class _Echo(Handler):
    def _echo(self):
        body = self.body().decode("latin-1")
        self.server.owner.requests += 1
        seen = {"method": self.command, "path": self.path, "body": body,
                "headers": [[name.lower(), value] for name, value in self.headers.items()]}
        self.answer(200, json.dumps(seen).encode(), [("Content-Type", "application/json")])

    do_GET = do_POST = _echo


class Application(Server):
    def __init__(self):
        super().__init__(_Echo)
        self.requests = 0
