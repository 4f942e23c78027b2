"""A queue of provisions that nobody runs, and how fast it is emptied then."""

import json
import time

from service import BenchError

# The benchmark's own would be another version afterwards, and its known users would be looked at again.
PROVIDER = "bench-queue"
WORKERS = "VESTIBULE_JIT_QUEUE_WORKERS"
# What is left when the clock is stopped: the last ones do not keep all workers busy.
FEW = 32


class Backlog:
    """The server without workers for the queue, and an identity provider that queues; as before at the end."""

    def __init__(self, service):
        self.service = service
        self.before = service.environment.get(WORKERS)

    def __enter__(self):
        self.restart("0")
        self.make_provider()
        return self

    def __exit__(self, *_):
        self.restart(self.before)

    def drain(self, workers):
        """Operations a second."""
        first = self.queued()
        self.restart(str(workers))
        begin, at_begin = time.monotonic(), self.queued()
        left = at_begin
        while left > FEW:
            left = self.queued()
            if time.monotonic() - begin > 600:
                raise BenchError(f"{left} of {first} queued provisions are left after ten minutes")
        done = at_begin - left
        if done < first // 2:
            raise BenchError(f"only {done} of {first} queued provisions were left to be timed: measure for longer")
        return done / (time.monotonic() - begin)

    def queued(self):
        return int(self.service.data_command("queued", []))

    def restart(self, workers):
        self.service.stop()
        if workers is None:
            self.service.environment.pop(WORKERS, None)
        else:
            self.service.environment[WORKERS] = workers
        self.service.start()

    def make_provider(self):
        document = json.loads((self.service.data / "bench-idp.json").read_text())
        document["name"] = PROVIDER
        document["jit"]["mode"] = "non-blocking"
        settings = self.service.data / f"{PROVIDER}.json"
        settings.write_text(json.dumps(document))
        self.service.command("idp", "apply", str(settings))
        # Another process has made it; the server looks for such changes twice a second.
        time.sleep(1.5)
