"""A class before one server: N simulated cameras at ten frames a second each, in both async modes.

    python -m benchmarks.class_of_cameras --cameras 1,10,30,60,100 --seconds 15

The cameras run on the same machine as the server, in a process of their own whose share is told apart. Latency is counted from
the moment a picture should have been taken to its answer, waiting behind the camera's earlier frame included; a picture is
lost when a newer one takes its place before it could be sent, or when it is refused.
"""

from pathlib import Path

import numpy as np

from benchmarks.cameras import RATE, WORD, Load, in_a_process
from benchmarks.crops import spelled
from benchmarks.results import Goal, Others, Result, finish, machine, options, progress
from tests.server import Server

COLUMNS = (
    "mode", "cameras", "frames/s answered", "lost", "p50 ms", "p95 ms", "p99 ms", "slowest visitor / mean",
    "server CPU ms/frame", "server MiB", "cameras' CPU ms/frame", "other programs",
)  # fmt: skip
WARM_SECONDS = 3.0
MOST_GROWTH_MIB = 10.0


def measure(mode: str, counts: list[int], seconds: float) -> list[tuple[int, Load, float]]:
    """Each number of cameras with its load and the share of the cores that other programs took, on one server."""
    server = Server(HANDSPELL_ASYNC_MODE=mode)
    found = []
    try:
        for count in counts:
            progress(f"{mode}: {count} camera(s) for {seconds:g} s …")
            others = Others()
            load = in_a_process(server.url, count, seconds, WARM_SECONDS, server.process.pid)
            scale = (seconds + WARM_SECONDS) / seconds
            found.append((count, load, others.share(scale * (load.own_cpu_seconds + _server_seconds(load)))))
    finally:
        server.stop()
    return found


def _server_seconds(load: Load) -> float:
    return load.cpu_milliseconds_a_frame * load.answered / 1000


def row(mode: str, count: int, load: Load, others: float) -> list[str]:
    """One line of the table."""
    p50, p95, p99 = np.percentile(load.milliseconds, [50, 95, 99])
    assert load.after is not None
    return [
        mode,
        str(count),
        f"{load.answered / load.seconds:.0f}",
        f"{load.lost / load.captured:.1%}",
        *(f"{value:.1f}" for value in (p50, p95, p99)),
        f"{load.fairness:.2f}",
        f"{load.cpu_milliseconds_a_frame:.2f}",
        f"{load.after.memory_mib:.0f}",
        f"{1000 * load.own_cpu_seconds / max(1, load.answered):.2f}",
        f"{others:.0%}",
    ]


def goals(mode: str, found: list[tuple[int, Load, float]]) -> list[Goal]:
    """What is aimed at for 30, 60 and 100 cameras, where so many were measured."""
    loads = {count: load for count, load, _ in found}
    aims = []
    for count, most_milliseconds, may_lose in ((30, 60, False), (60, 150, True)):
        if load := loads.get(count):
            p95 = float(np.percentile(load.milliseconds, 95))
            aim = f"{mode}, {count} cameras: p95 ≤ {most_milliseconds} ms{'' if may_lose else ' and no frame lost'}"
            met = p95 <= most_milliseconds and (may_lose or not load.lost)
            aims.append(Goal(aim, f"{p95:.0f} ms, {load.lost} of {load.captured} lost", met))
    if load := loads.get(100):
        assert load.before is not None
        assert load.after is not None
        growth = load.after.memory_mib - load.before.memory_mib
        aims.append(
            Goal(
                f"{mode}, 100 cameras: the slowest visitor gets at least half the mean, and nothing grows",
                f"{load.fairness:.2f}, {growth:+.1f} MiB",
                load.fairness >= 0.5 and growth < MOST_GROWTH_MIB,
            )
        )
    return aims


def draw(found: dict[str, list[tuple[int, Load, float]]], path: Path) -> None:
    """p95 and frames a second against the number of cameras."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for mode, line in found.items():
        counts = [count for count, *_ in line]
        left.plot(counts, [np.percentile(load.milliseconds, 95) for _, load, _ in line], marker="o", label=mode)
        right.plot(counts, [load.answered / load.seconds for _, load, _ in line], marker="o", label=mode)
    left.scatter([30, 60], [60, 150], marker="_", s=400, color="black", label="goal")
    right.plot(counts, [RATE * count for count in counts], linestyle=":", color="grey", label="pictures taken")
    left.set(title="95th percentile from capture to answer", xlabel="cameras", ylabel="ms", ylim=0)
    right.set(title="Frames answered", xlabel="cameras", ylabel="a second", ylim=0)
    for axes in (left, right):
        axes.legend()
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def main() -> None:
    own = options(__doc__)
    own.add_argument("--cameras", default="1,10,30,60,100", help="how many at once (default: 1,10,30,60,100)")
    own.add_argument("--seconds", type=float, default=15, help="of each measurement (default: 15)")
    own.add_argument("--modes", default="eventlet,threading", help="(default: eventlet,threading)")
    given = own.parse_args()
    counts = [int(count) for count in given.cameras.split(",")]
    result = Result("class", COLUMNS, notes=[machine(), f"Each camera sees {spelled(WORD)[1]}."])
    found = {}
    for mode in given.modes.split(","):
        found[mode] = measure(mode, counts, given.seconds)
        result.rows += [row(mode, *one) for one in found[mode]]
        result.goals += goals(mode, found[mode])
    finish(result, given.out)
    if given.out:
        draw(found, given.out / "class.png")


if __name__ == "__main__":
    main()
