"""How the time of `fujiao link` grows with rows, at a constant rate of duplicates: figures, a fit, a plot.

usage: python3 bench/link/scaling.py [--sizes 10000 …] [--times 3] [--fujiao PATH]
"""

import argparse
import json
import math
import statistics
import sys

import common
import measure

RESULTS = common.ROOT / "bench" / "results"
SIZES = [10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 5_000_000]


def slope(points):
    """Exponent of the power of x that fits best, by least squares of the logarithms."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    mx, my = statistics.mean(xs), statistics.mean(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--fujiao", help="our program; default: the release build of this tree")
    args = parser.parse_args()
    fujiao = measure.program(args.fujiao)
    measured = []
    for rows in args.sizes:
        files = [measure.roster(fujiao, rows, args.seed)]
        runs = [measure.link(fujiao, "roster", files)[1] for _ in range(args.times)]
        with open(measure.LINKS, "rb") as links:
            pairs = sum(1 for _ in links) - 1
        measured.append({"rows": rows, "links": pairs} | measure.summary(runs))
        took = measured[-1]
        print(f"{rows:>9,} {took['wall_s']['median']:8.2f} s {took['peak_mib']['median']:7.0f} MiB", file=sys.stderr)
    points = [(m["rows"], m["wall_s"]["median"]) for m in measured]
    # Starting takes as long for a few rows as for many; what grows shows from 100 000 rows on.
    large = [p for p in points if p[0] >= 100_000] or points
    record = {
        "commit": measure.commit(),
        "machine": measure.machine(),
        "measured": measured,
        "exponent": {"all": round(slope(points), 4)} | ({"from_100k": round(slope(large), 4)} if len(large) > 1 else {}),
        "n_log_n_exponent": round(slope([(n, n * math.log(n)) for n, _ in large]), 4) if len(large) > 1 else None,
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "link-scaling.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "link-scaling.svg").write_text(plot(record), encoding="utf-8")
    (RESULTS / "link-scaling.md").write_text(page(record), encoding="utf-8")
    print("bench/results/link-scaling.md", file=sys.stderr)


def page(record):
    machine, first = record["machine"], record["measured"][0]
    unit = {m["rows"]: m["wall_s"]["median"] / (m["rows"] * math.log(m["rows"])) for m in record["measured"]}
    lines = [
        f"fujiao link on made rosters, commit {record['commit']}, {machine['processor']} on {machine['cores']} cores, "
        f"{first['runs']} runs a size",
        "",
        "![wall seconds over rows](link-scaling.svg)",
        "",
        "| rows | links | wall s (least–most) | CPU s | peak MiB | bytes a row | wall ns / (n·ln n) |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for m in record["measured"]:
        wall, peak = m["wall_s"], m["peak_mib"]["median"]
        lines.append(
            f"| {m['rows']:,} | {m['links']:,} | {wall['median']:.2f} ({wall['min']:.2f}–{wall['max']:.2f}) "
            f"| {m['cpu_s']['median']:.2f} | {peak:.0f} | {peak * 1024 * 1024 / m['rows']:.0f} | {unit[m['rows']] * 1e9:.1f} |"
        )
    exponents = record["exponent"]
    lines += [
        "",
        f"Time grows as rows to the power {exponents['all']}"
        + (f", from 100 000 rows on {exponents['from_100k']}; n·log n fitted there in the same way gives "
           f"{record['n_log_n_exponent']}." if "from_100k" in exponents else "."),
        "",
    ]
    return "\n".join(lines)


def plot(record):
    """Wall seconds over rows, both logarithmic, with the line of n·log n through 100 000 rows (or the smallest size)."""
    points = [(m["rows"], m["wall_s"]["median"], m["wall_s"]["min"], m["wall_s"]["max"]) for m in record["measured"]]
    anchor = next((p for p in points if p[0] >= 100_000), points[0])
    width, height, left, right, top, bottom = 720, 480, 70, 56, 48, 56

    def line(n):
        return anchor[1] * n * math.log(n) / (anchor[0] * math.log(anchor[0]))

    low_x, high_x = math.floor(math.log10(points[0][0])), math.ceil(math.log10(points[-1][0] * 1.05))
    seconds = [s for p in points for s in p[1:]] + [line(p[0]) for p in points]
    low_y, high_y = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    high_x, high_y = max(high_x, low_x + 1), max(high_y, low_y + 1)

    def x(n):
        return left + (math.log10(n) - low_x) / (high_x - low_x) * (width - left - right)

    def y(s):
        return height - bottom - (math.log10(s) - low_y) / (high_y - low_y) * (height - top - bottom)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="13">',
        "<title>fujiao link: wall seconds over rows</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{left}" y="24" font-size="16" fill="#222">fujiao link: wall seconds over rows, '
        f'{record["machine"]["cores"]} cores</text>',
    ]
    for power in range(low_x, high_x + 1):
        at = x(10**power)
        out.append(f'<path d="M{at:.1f} {top}V{height - bottom}" stroke="#ddd"/>')
        out.append(f'<text x="{at:.1f}" y="{height - bottom + 20}" text-anchor="middle" fill="#444">{10**power:,}</text>')
    for power in range(low_y, high_y + 1):
        at = y(10.0**power)
        out.append(f'<path d="M{left} {at:.1f}H{width - right}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#444">{10.0**power:g}</text>')
    out.append(f'<text x="{(left + width - right) / 2}" y="{height - 12}" text-anchor="middle" fill="#444">rows</text>')
    steps = [points[0][0] * (points[-1][0] / points[0][0]) ** (i / 40) for i in range(41)]
    path = " ".join(f"{x(n):.1f},{y(line(n)):.1f}" for n in steps)
    out.append(f'<polyline points="{path}" fill="none" stroke="#888" stroke-width="1.5" stroke-dasharray="6 4"/>')
    out.append(
        f'<polyline points="{" ".join(f"{x(n):.1f},{y(s):.1f}" for n, s, *_ in points)}" fill="none" '
        'stroke="#b3261e" stroke-width="2"/>'
    )
    for n, middle, least, most in points:
        out.append(f'<path d="M{x(n):.1f} {y(least):.1f}V{y(most):.1f}" stroke="#b3261e"/>')
        out.append(f'<circle cx="{x(n):.1f}" cy="{y(middle):.1f}" r="4" fill="#b3261e"/>')
        out.append(f'<text x="{x(n) + 6:.1f}" y="{y(middle) + 18:.1f}" fill="#222">{middle:.2f} s</text>')
    exponent = record["exponent"].get("from_100k", record["exponent"]["all"])
    out.append(f'<text x="{left + 14}" y="{top + 22}" fill="#b3261e">measured: rows to the power {exponent:.3f}</text>')
    out.append(f'<text x="{left + 14}" y="{top + 42}" fill="#666">dashed: n·log n through {anchor[0]:,} rows</text>')
    out.append("</svg>")
    return "\n".join(out) + "\n"


main()
