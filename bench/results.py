"""From measurements to the table and the JSON array."""

import dataclasses
import json
import statistics

# What a ratio has to reach at 1,000,000 users; docs/performance.md.
FLOORS = {
    "get_user": 0.42,
    "filter_username": 0.40,
    "create_user": 0.75,
    "jit_known": 0.50,
    "login_id_token": 0.50,
    "forward_auth_warm": 0.50,
    "jit_new": 0.60,
    "add_member_large": 0.60,
    "bulk_create": 0.50,
    "filter_email": 0.38,
    "filter_prefix": 0.38,
    "patch_user": 0.65,
    "export": 0.25,
}
LARGE_OF_SMALL_FLOOR = 0.85
MEMORY_LIMIT_MB = 100


@dataclasses.dataclass
class Figure:
    """Something that is no ratio to a bound, with what it must be: at least `least`, and below `limit`."""

    text: str
    value: float
    least: float | None = None
    limit: float | None = None

    def line(self):
        wanted = [] if self.least is None else [f"floor {self.least:g}"]
        wanted += [] if self.limit is None else [f"limit {self.limit:g}"]
        return f"{self.text} ({', '.join(wanted)})"

    def is_missed(self):
        return (self.least is not None and self.value < self.least) or \
            (self.limit is not None and self.value >= self.limit)


def median(runs, key):
    values = [run[key] for run in runs if run[key] is not None]
    return statistics.median(values) if values else None


def summarise(operation, bounds, served, memory):
    """One object of the JSON array, from the runs of bound and server in turns."""
    ratios = [ours["ops_per_s"] / bound["ops_per_s"] for bound, ours in zip(bounds, served)]

    def cost(runs):
        own = median(runs, "cpu_us_server")
        own = median(runs, "cpu_us_own") if own is None else own
        return own + median(runs, "cpu_us_database")

    return {
        "operation": operation,
        "ratio": round(statistics.median(ratios), 3),
        "ops_per_s": median(served, "ops_per_s"),
        "p50_us": median(served, "p50_us"),
        "p99_us": median(served, "p99_us"),
        "cpu_us_server": median(served, "cpu_us_server"),
        "cpu_us_database": median(served, "cpu_us_database"),
        "rss_mb": round(memory, 1),
        "cpu_us_generator": median(served, "cpu_us_own"),
        "ratio_min": round(min(ratios), 3),
        "ratio_max": round(max(ratios), 3),
        "cpu_ratio": round(cost(bounds) / cost(served), 3),
        "bound_ops_per_s": median(bounds, "ops_per_s"),
        "bound_p50_us": median(bounds, "p50_us"),
        "bound_p99_us": median(bounds, "p99_us"),
        "bound_cpu_us": median(bounds, "cpu_us_own"),
        "bound_cpu_us_database": median(bounds, "cpu_us_database"),
        "errors": sum(run["errors"] for run in bounds + served),
        "rounds": len(served),
    }


def table(results):
    """The results as lines of text."""
    columns = [
        ("operation", "operation", "{}"),
        ("ops/s", "ops_per_s", "{:,.0f}"),
        ("p50 us", "p50_us", "{:,.0f}"),
        ("p99 us", "p99_us", "{:,.0f}"),
        ("CPU server", "cpu_us_server", "{:.1f}"),
        ("CPU database", "cpu_us_database", "{:.1f}"),
        ("CPU generator", "cpu_us_generator", "{:.1f}"),
        ("RSS MB", "rss_mb", "{:.0f}"),
        ("bound ops/s", "bound_ops_per_s", "{:,.0f}"),
        ("bound CPU", "bound_cpu_us", "{:.1f}"),
        ("bound CPU db", "bound_cpu_us_database", "{:.1f}"),
        ("ratio", "ratio", "{:.2f}"),
        ("min..max", None, ""),
        ("floor", None, ""),
        ("CPU ratio", "cpu_ratio", "{:.2f}"),
    ]
    rows = [[title for title, _, _ in columns]]
    for result in results:
        row = []
        for title, key, form in columns:
            if title == "min..max":
                row.append(f"{result['ratio_min']:.2f}..{result['ratio_max']:.2f}")
            elif title == "floor":
                floor = FLOORS.get(result["operation"])
                row.append("" if floor is None else f"{floor:.2f}")
            else:
                row.append("-" if result[key] is None else form.format(result[key]))
        rows.append(row)
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    lines = []
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells))
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    return lines


def large_of_small(results):
    """How fast members are added to the large group, of how fast to a small one; None unless both were measured."""
    speed = {result["operation"]: result["ops_per_s"] for result in results}
    if not {"add_member_large", "add_member_small"} <= speed.keys():
        return None
    share = speed["add_member_large"] / speed["add_member_small"]
    return Figure(f"add_member_large runs at {share:.2f} of add_member_small", share, least=LARGE_OF_SMALL_FLOOR)


def missed(results, figures):
    """A line for each figure that is not what it should be."""
    lines = []
    for result in results:
        floor = FLOORS.get(result["operation"])
        if floor is not None and result["ratio"] < floor:
            lines.append(f"{result['operation']}: ratio {result['ratio']:.3f} is below {floor:.2f}")
    memory = max((result["rss_mb"] for result in results), default=0)
    if memory >= MEMORY_LIMIT_MB:
        lines.append(f"the server's resident memory is {memory:.0f} MB, not below {MEMORY_LIMIT_MB}")
    return lines + [figure.line() for figure in figures if figure.is_missed()]


def write_json(results, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
        file.write("\n")
