"""The results as one HTML page that needs nothing else: tables, and bar charts in inline SVG."""
from html import escape

from harness.cases import FLOOR, OPENSSL, OWN, SERVERS, WORKLOADS
from harness.report import ABSENT, HEAD, legend, line_of, ordered_keys
from harness.targets import number, rows as target_rows

# figure: title of its chart
CHARTS = {
    "cpu_us": "client CPU, µs per operation",
    "instructions": "instructions per operation",
    "rate": "operations per second",
    "p50_us": "median latency, µs",
    "p99_us": "99 % latency, µs",
    "p999_us": "99.9 % latency, µs",
    "syscalls": "system calls per operation",
    "allocations": "heap allocations per operation",
    "rss_kb": "peak memory, kB",
}
LABELS, BARS, NUMBERS, LINE, TOP = 168, 250, 74, 22, 6  # widths and heights of a chart in pixels

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2128; --soft: #59636e; --rule: #d8dee4;
  --own: #0a6cce; --rival: #a3afbb; --floor: #5b9a6b; --good: #1a7f37; --bad: #c2323c; }
@media (prefers-color-scheme: dark) { :root { --paper: #12161c; --ink: #e3e8ee; --soft: #9aa5b1;
  --rule: #30373f; --own: #58a6ff; --rival: #5d6975; --floor: #5fae74; --good: #57c271;
  --bad: #f2777f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px; max-width: 1120px; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 40px 0 4px;
  border-top: 1px solid var(--rule); padding-top: 20px; } 
h3 { font-size: 16px; margin: 20px 0 8px; }
p { margin: 4px 0; color: var(--soft); } a { color: var(--own); }
nav a { margin-right: 14px; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(496px, 1fr));
  gap: 16px 24px; }
figure { margin: 0; } figcaption { font-size: 13px; color: var(--soft); margin-bottom: 2px; }
svg { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg .own { fill: var(--own); } svg .rival { fill: var(--rival); }
svg .floor { fill: var(--floor); } svg text.mine { font-weight: 600; fill: var(--own); }
svg line { stroke: var(--ink); stroke-width: 1; opacity: .65; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; margin: 8px 0;
  font-variant-numeric: tabular-nums; }
th, td { padding: 3px 10px; text-align: right; border-bottom: 1px solid var(--rule);
  white-space: nowrap; } th { color: var(--soft); font-weight: 500; }
th:first-child, td:first-child, .left:nth-child(2) { text-align: left; }
tr.own td { color: var(--own); font-weight: 600; }
.reached { color: var(--good); } .missed { color: var(--bad); } .open { color: var(--soft); }
summary { cursor: pointer; color: var(--soft); } .key span { margin-right: 14px; }
.key i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 5px; }
ul { color: var(--soft); font-size: 13px; margin: 6px 0; padding-left: 18px; }
"""


def kind(peer):
    if peer == OWN:
        return "own"
    return "floor" if peer in (FLOOR, OPENSSL) else "rival"


def bar(label, peer, value, span, scale, top):
    """One line of a chart: label, bar, whisker from min to max, number."""
    middle = top + LINE / 2
    width = max(value * scale, 1)
    mine = ' class="mine"' if peer == OWN else ""
    parts = [
        f'<text{mine} x="{LABELS - 8}" y="{middle + 4:.1f}" text-anchor="end">'
        f"{escape(label)}</text>",
        f'<rect class="{kind(peer)}" x="{LABELS}" y="{top + 4}" width="{width:.1f}"'
        f' height="{LINE - 8}" rx="2"/>',
    ]
    right = value
    if span[1] > span[0]:
        right = span[1]
        low, high = (LABELS + end * scale for end in span)
        parts.append(
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle:.1f}" y2="{middle:.1f}"/>'
        )
    parts.append(
        f'<text{mine} x="{LABELS + max(right * scale, 1) + 6:.1f}" y="{middle + 4:.1f}">'
        f"{escape(number(value))}</text>"
    )
    return "".join(parts)


def chart(results, keys, figure):
    """A figure element; empty without values."""
    known = [key for key in keys if results.rounds(key, figure)]
    if not known:
        return ""
    largest = max(results.span(key, figure)[1] for key in known)
    scale = BARS / largest if largest else 0
    bars = [
        bar(f"{key[2]} {key[3]}", key[2], results.median(key, figure), results.span(key, figure),
            scale, TOP + number_of * LINE)
        for number_of, key in enumerate(known)
    ]
    width, height = LABELS + BARS + NUMBERS, 2 * TOP + LINE * len(bars)
    title = escape(CHARTS[figure])
    return (
        f'<figure><figcaption>{title}</figcaption><svg viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img" aria-label="{title}">'
        f"{''.join(bars)}</svg></figure>"
    )


def table(head, lines, classes):
    """An HTML table; classes[i] goes to line i."""
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        f'<tr class="{name}">' + "".join(
            f'<td{" class=left" if column == 1 else ""}>{escape(cell)}</td>'
            for column, cell in enumerate(line)
        ) + "</tr>"
        for line, name in zip(lines, classes)
    )
    return f'<div class="wide"><table><tr>{cells}</tr>{body}</table></div>'


def section(results, workload, server):
    """The charts of a workload on a server, one column of bars per figure, and the table."""
    keys = ordered_keys(results, workload, server)
    below = [line.removeprefix(f"  {ABSENT} ") for line in legend(results, workload, server)]
    if not keys and not below:
        return ""
    charts = "".join(chart(results, keys, figure) for figure in CHARTS)
    notes = "".join(f"<li>{escape(line)}</li>" for line in below)
    lines = table(HEAD, [line_of(results, key) for key in keys], [kind(key[2]) for key in keys])
    return (
        f"<h3>on {'PostgreSQL' if server == 'postgres' else 'canned answers'}</h3>"
        f'<div class="charts">{charts}</div>'
        f"<details><summary>all figures, and why some are absent</summary>{lines}"
        f"<ul>{notes}</ul></details>"
    )


def targets(results):
    lines = target_rows(results)
    states = [
        f'<td class="{state(line[-1])}">{escape(line[-1])}</td>' for line in lines
    ]
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line[:-1]) + verdict + "</tr>"
        for line, verdict in zip(lines, states)
    )
    head = "".join(f"<th>{name}</th>" for name in ("figure", "measured", "must", "aim", ""))
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def state(verdict):
    return {"missed": "missed", "not measured": "open"}.get(verdict, "reached")


def html(results, made_on):
    """The page. made_on: a sentence about the machine and the rounds."""
    present = [w for w in WORKLOADS if any(key[0] == w for key in results.cases)]
    links = "".join(f'<a href="#{w}">{w}</a>' for w in present)
    parts = [
        f'<h2 id="{w}">{w} · {escape(WORKLOADS[w][0])}</h2>'
        f"<p>an operation is a {WORKLOADS[w][1]}; bars are medians, lines go from the least to "
        f"the most of the rounds</p>" + "".join(section(results, w, s) for s in SERVERS)
        for w in present
    ]
    faults = "".join(f"<li>{escape(f'{case}: {text}')}</li>" for case, text in results.faults)
    failed = f'<h2 id="failed">Failed</h2><ul>{faults}</ul>' if faults else ""
    colours = "".join(
        f'<span><i style="background: var(--{name})"></i>{text}</span>'
        for name, text in (("own", "pgreactor"), ("rival", "rivals"), ("floor", "floor"))
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>pgreactor benchmarks</title><style>{STYLE}</style></head><body>"
        f"<h1>pgreactor benchmarks</h1><p>{escape(made_on)}</p>"
        f'<nav>{links}<a href="#targets">To reach</a></nav><p class="key">{colours}</p>'
        f"{''.join(parts)}<h2 id=\"targets\">To reach</h2>{targets(results)}{failed}"
        "</body></html>\n"
    )
