"""Health on both addresses, metrics on the internal one."""
from source.shapes import INTERNAL, PUBLIC, refusals, text


def _plain(description: str) -> dict:
    return {"description": description, "content": {"text/plain": {"schema": text()}}}


def _operation(operation_id: str, summary: str, responses: dict, **more) -> dict:
    return {"operationId": operation_id, "tags": ["Watching"], "summary": summary, "responses": responses, **more}


def paths() -> dict:
    both = [*PUBLIC, *INTERNAL]
    return {
        "/healthz": {"servers": both, "get": _operation("isAlive", "Whether the process answers", {"200": _plain("It does.")},
                                                        security=[], description="Needs no token.")},
        "/readyz": {"servers": both, "get": _operation(
            "isReady", "Whether the database answers, takes writes and is of this version", {
                "200": _plain("All of that."),
                "503": {**_plain("Why not."), "headers": {"Retry-After": {"schema": text()}}},
            }, security=[], description="Needs no token.")},
        "/metrics": {"servers": INTERNAL, "get": _operation(
            "getMetrics", "Metrics for Prometheus: docs/metrics.md",
            {"200": _plain("The text format 0.0.4."), **refusals("Admin", 401, 403, 429, 500, 503)}, description="Scope `admin`.")},
    }
