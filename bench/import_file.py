"""An import of a file against a bound: the same rows by statements of many rows, over as many connections."""

import json
import subprocess

from service import DOMAIN, BenchError

USERS = 50_000
JOBS = 4


def import_users(service, layout, users):
    """Users a second of the bound and of the import."""
    arguments = ["--database", service.database_url, "--new-users", str(users), "--connections", str(JOBS), *layout]
    bound = subprocess.run([service.data_tool, "import-bound", *arguments], text=True, stdout=subprocess.PIPE, check=False)
    if bound.returncode != 0:
        raise BenchError("the bound of the import failed")
    file = service.data / "bench-import.jsonl"
    with open(file, "wb") as lines:
        subprocess.run([service.data_tool, "import-file", *arguments], stdout=lines, check=True)
    done = json.loads(service.command("import", str(file), "--domain", DOMAIN, "--jobs", str(JOBS), "--json"))
    file.unlink()
    if done["created"] != users:
        raise BenchError(f"the import stored {done['created']} of {users} users")
    return users / json.loads(bound.stdout)["seconds"], users / done["seconds"]
