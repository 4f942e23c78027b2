#!/usr/bin/env python3
"""Holds docs/metrics.md to the source, and the dashboard and the alerts to docs/metrics.md: every metric that they ask for exists, with
the labels that they select by, and every metric is on the dashboard. That the table is what a server tells is held by
tests/http/server/metrics_test.cc."""
import json
import pathlib
import re
import sys

ROW = re.compile(r"^\| `([a-z_]+)` \| (counter|gauge|histogram) \|([^|]*)\| .+ \|$", re.MULTILINE)
IN_SOURCE = re.compile(r'"((?:vestibule|process)_[a-z_]+)"')
# Literals of the source that are no metrics.
NO_METRICS = {"vestibule_prompt"}
NAME = re.compile(r"\b((?:vestibule|process)_[a-z_]+)(?:\{([^}]*)\})?")
# Labels that Prometheus adds by itself.
OF_PROMETHEUS = {"job", "instance"}


def complaints(expression: str, metrics: dict[str, tuple[str, set[str]]], asked: set[str]) -> list[str]:
    """What is wrong with the names and labels of a PromQL expression; the names go into `asked`."""
    wrong = []
    known: set[str] = set()
    for name, selected in NAME.findall(expression):
        base = name
        if name not in metrics:
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            if metrics.get(base, ("", set()))[0] != "histogram":
                wrong.append(f"{name}: there is no such metric")
                continue
        elif metrics[name][0] == "histogram":
            wrong.append(f"{name}: a histogram is asked for by _bucket, _sum or _count")
        asked.add(base)
        labels = metrics[base][1] | OF_PROMETHEUS | ({"le"} if name.endswith("_bucket") else set())
        known |= labels
        wrong += [f"{name}: has no label {label}" for label in re.findall(r"(\w+)\s*[=!]~?", selected or "")
                  if label not in labels]
        if metrics[base][0] == "counter" and not re.search(r"(rate|increase)\(" + name, expression):
            wrong.append(f"{name}: a counter without rate() or increase()")
    for group in re.findall(r"\bby \(([^)]*)\)", expression):
        wrong += [f"by {label}: no metric here has it" for label in re.split(r",\s*", group) if label not in known]
    for opening, closing in ("()", "[]", "{}"):
        if expression.count(opening) != expression.count(closing):
            wrong.append(f"{expression}: {opening} without {closing}")
    return wrong


def alert_expressions(text: str) -> dict[str, str]:
    """The expressions of the alerts, by their names: of a file in the form that ours has, without a parser of YAML."""
    found = {}
    for name, rest in re.findall(r"^      - alert: (\w+)\n((?:        .*\n|          .*\n|\n)*)", text, re.MULTILINE):
        block = re.search(r"^        expr: \|\n((?:          .*\n)+)", rest, re.MULTILINE)
        line = re.search(r"^        expr: (.+)$", rest, re.MULTILINE)
        found[name] = block[1] if block else line[1] if line else ""
        if "        annotations:\n          summary: " not in rest or "severity" not in rest:
            found[name] = ""
    return found


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    metrics = {name: (kind, set(re.findall(r"`(\w+)`", labels)))
               for name, kind, labels in ROW.findall((root / "docs/metrics.md").read_text())}
    wrong = [] if len(metrics) > 30 else [f"only {len(metrics)} metrics are told"]
    source = set()
    for path in (root / "src").rglob("*.cc"):
        # The terminal view asks, and by names that it puts together.
        if not path.name.startswith("top_"):
            source.update(IN_SOURCE.findall(path.read_text()))
    source -= NO_METRICS
    wrong += [f"{name}: not told in docs/metrics.md" for name in sorted(source - metrics.keys())]
    wrong += [f"{name}: told, and not in the source" for name in sorted(metrics.keys() - source)]
    for path in (root / "src/app").glob("top_*.cc"):
        for name in IN_SOURCE.findall(path.read_text()):
            if name not in metrics:
                wrong.append(f"{path}: {name} is no metric")

    dashboard = json.loads((root / "docs/grafana/vestibule.json").read_text())
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    shown: set[str] = set()
    expressions = 0
    numbers = [panel["id"] for panel in dashboard["panels"]]
    if len(set(numbers)) != len(numbers):
        wrong.append("dashboard: two panels have one id")
    for panel in dashboard["panels"]:
        if panel["type"] != "row" and panel["datasource"]["uid"] != "${datasource}":
            wrong.append(f"dashboard: {panel['title']}: does not use the variable for its data source")
        for target in panel.get("targets", []):
            expressions += 1
            wrong += [f"dashboard: {panel['title']}: {text}" for text in complaints(target["expr"], metrics, shown)]
            wrong += [f"dashboard: {panel['title']}: no variable {name}"
                      for name in re.findall(r"\$(\w+)", target["expr"])
                      if name not in variables and name != "__rate_interval"]
    wrong += [f"dashboard: {name} is on no panel" for name in sorted(metrics.keys() - shown)]

    alerts = alert_expressions((root / "docs/prometheus-alerts.yaml").read_text())
    if len(alerts) < 10:
        wrong.append(f"only {len(alerts)} alerts were found")
    for name, expression in alerts.items():
        if not expression:
            wrong.append(f"{name}: no expression, severity or summary")
        wrong += [f"{name}: {text}" for text in complaints(expression, metrics, set())]
    print("\n".join(wrong) if wrong else
          f"{len(metrics)} metrics are told, {expressions} expressions and {len(alerts)} alerts ask for them")
    return 1 if wrong else 0


sys.exit(main())
