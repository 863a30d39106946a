"""What moved between two results files, beyond the noise."""
from harness.results import KEY
from harness.targets import number

# Counts that repeat: a relative difference above this is real. Calls depend a little on timing,
# where answers of many requests come together.
COUNTED = {"instructions": 0.01, "allocations": 0.01, "syscalls": 0.05}
COUNT_SLACK = 0.005  # per operation; what is left of starting and ending
TIMED = 0.10


def identity(record):
    return (*(record[name] for name in KEY), record["figure"])


def moved(old, new):
    """The relative change when it is beyond the noise, else None. Both are records."""
    before, after = old["value"], new["value"]
    change = (after - before) / abs(before) if before else float("inf")
    if old["figure"] in COUNTED:
        real = abs(change) > COUNTED[old["figure"]] and abs(after - before) > COUNT_SLACK
        return change if real else None
    outside = after > old.get("max", before) or after < old.get("min", before)
    outside = outside and (before > new.get("max", after) or before < new.get("min", after))
    return change if outside and before != after and abs(change) > TIMED else None


def compare(old, new):
    """Lines that say what moved, and what is in one file only."""
    before = {identity(record): record for record in old}
    after = {identity(record): record for record in new}
    lines = []
    for key, record in after.items():
        change = moved(before[key], record) if key in before else None
        if change is None:
            continue
        better = (change > 0) == (record["figure"] == "rate")
        amount = f"{change:+.1%}" if change != float("inf") else "from nothing"
        lines.append(
            f"{'better' if better else 'worse '}  {' '.join(key[:4])}  {record['figure']}"
            f"  {number(before[key]['value'])} -> {number(record['value'])}  {amount}"
        )
    lines.sort(key=lambda line: (line.split()[0] == "better", line))
    for what, names in (("only before", before.keys() - after.keys()),
                        ("only now", after.keys() - before.keys())):
        if names:
            cases = sorted({" ".join(name[:4]) for name in names})
            more = f"; {len(cases) - 5} more cases" if len(cases) > 5 else ""
            shown = "; ".join(cases[:5]) + more
            lines.append(f"{what}: {len(names)} figures ({shown})")
    common = len(before.keys() & after.keys())
    head = f"Compared: {common} figures are in both"
    return [head, *(lines or ["nothing moved beyond the noise"])]
