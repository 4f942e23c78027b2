"""What clients asked for and were told, operation by operation."""

import json
import threading
import time

# What became of an operation, as far as its client knows.
TAKEN = "taken"      # acknowledged: it has to be there
REFUSED = "refused"  # refused, or never sent: it must not be there
OPEN = "open"        # nobody said: it is there as a whole, or not at all


class Operation:
    """An invocation, completed by its answer. `began` and `ended` are seconds of one monotonic clock: what ended before
    something else began has to come first in every order."""

    def __init__(self, number, client, kind, fields):
        self.id = f"b{number}"  # goes with the request as its X-Correlation-Id: the audit knows it by this
        self.client = client
        self.kind = kind
        self.began = time.monotonic()
        self.ended = None
        self.status = None
        self.outcome = OPEN
        self.version = None
        self.resource = None  # the id of the user or group, known beforehand or learnt from the answer
        self.result = None    # what the answer says beyond that, by kind
        self.__dict__.update(fields)

    def line(self):
        return json.dumps(self.__dict__, ensure_ascii=False)


class History:
    """The operations of one round. Thread-safe."""

    numbers = iter(range(1, 1 << 62))

    def __init__(self):
        self.lock = threading.Lock()
        self.operations = []
        self.taken = 0

    def begin(self, client, kind, **fields):
        with self.lock:
            operation = Operation(next(self.numbers), client, kind, fields)
            self.operations.append(operation)
            return operation

    def end(self, operation, answer):
        """Notes the answer. True when the operation was acknowledged."""
        with self.lock:
            operation.ended = time.monotonic()
            operation.status = answer.status
            if answer.status is None or answer.status >= 500:
                operation.outcome = OPEN
            elif 200 <= answer.status < 300:
                operation.outcome = TAKEN
                operation.version = answer.version
                self.taken += 1
            else:
                operation.outcome = REFUSED
            return operation.outcome == TAKEN

    def taken_writes(self):
        return sum(operation.outcome == TAKEN and not operation.kind.startswith("read_") for operation in self.operations)

    def write(self, path):
        path.write_text("".join(operation.line() + "\n" for operation in self.operations), encoding="utf-8")
