"""A class before one server: N simulated cameras at ten frames a second each, in both async modes.

    python -m benchmarks.class_of_cameras --cameras 1,10,30,60,100 --seconds 15

The cameras run on the same machine as the server, in a process of their own whose share is told apart. Latency is counted from
the moment a picture should have been taken to its answer, waiting behind the camera's earlier frame included; a picture is
lost when a newer one takes its place before it could be sent, or when it is refused.

With `--board` the cameras are pupils of a real class over https, who have joined by code and have a task, and its board is told
everything: counted is also from the picture to the letter on the board. `--board chromium` shows the board in a real browser, too, on the
same cores; what that takes is counted among the other programs.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.cameras import RATE, WORD, Load, in_a_process
from benchmarks.crops import spelled
from benchmarks.lesson import Lesson, lesson
from benchmarks.results import Goal, Others, Result, finish, machine, options, progress
from tests.browser.conftest import FLAGS, find_chromium
from tests.server import Server

COLUMNS = (
    "mode", "cameras", "frames/s answered", "lost", "p50 ms", "p95 ms", "p99 ms", "slowest visitor / mean",
    "server CPU ms/frame", "server MiB", "cameras' CPU ms/frame", "other programs",
)  # fmt: skip
BOARD_COLUMNS = ("to the board p50 ms", "p95 ms", "letters on the board")
WARM_SECONDS = 3.0
MOST_GROWTH_MIB = 10.0


def measure(mode: str, counts: list[int], seconds: float, board: str | None = None) -> list[tuple[int, Load, float]]:
    """Each number of cameras with its load and the share of the cores that other programs took, on one server."""
    data = tempfile.TemporaryDirectory()
    of_class = {"HANDSPELL_CLASS_MODE": "lan", "HANDSPELL_CLASS_ADDRESS": "localhost", "HANDSPELL_DATA": data.name}
    server = Server(HANDSPELL_ASYNC_MODE=mode, **(of_class if board else {}))
    found = []
    try:
        for count in counts:
            progress(f"{mode}: {count} camera(s) for {seconds:g} s …")
            with lesson(server, count) if board else nullcontext() as begun, _screen(server.url, begun, board):
                others = Others()
                load = in_a_process(server.url, count, seconds, WARM_SECONDS, server.process.pid, lesson=begun)
                scale = (seconds + WARM_SECONDS) / seconds
                share = others.share(scale * (load.own_cpu_seconds + _server_seconds(load)))
            found.append((count, load, share))
    finally:
        server.stop()
        data.cleanup()
    return found


@contextmanager
def _screen(url: str, begun: Lesson | None, board: str | None) -> Iterator[None]:
    """The board in a real browser, where it is asked for; at the end every pupil must stand there with a text."""
    if begun is None or board != "chromium":
        yield
        return
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("There is no Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(ignore_https_errors=True, viewport={"width": 1920, "height": 1080})
        page.set_extra_http_headers({"Cookie": begun.teacher})
        page.goto(f"{url}/board/{begun.code}")
        page.wait_for_selector(".tile")
        yield
        spelled_there = page.locator(".tile-text span:not(:empty)").count()
        assert spelled_there == len(begun.pupils), f"the browser shows the text of {spelled_there} pupils"
        browser.close()


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


def board_row(load: Load) -> list[str]:
    """What `--board` adds to a line."""
    p50, p95 = np.percentile(load.board_milliseconds, [50, 95])
    seen = sum(len(tally.to_board) for tally in load.tallies)
    return [f"{p50:.0f}", f"{p95:.0f}", f"{seen} of {sum(tally.letters for tally in load.tallies)}"]


def board_goals(mode: str, found: list[tuple[int, Load, float]]) -> list[Goal]:
    """What is aimed at for a class of thirty with the board open."""
    loads = [load for count, load, _ in found if count == 30]
    p95s = [float(np.percentile(load.milliseconds, 95)) for load in loads]
    aim = f"{mode}, a class of 30 at {RATE:g} frames a second, board open: p95 from capture to letter ≤ 150 ms"
    return [Goal(aim, f"{p95:.0f} ms", p95 <= 150) for p95 in p95s]


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
    own.add_argument(
        "--cameras", help="how many at once (default: 1,10,30,60,100; with --board 10,30,60: a class has no more)"
    )
    own.add_argument("--seconds", type=float, default=15, help="of each measurement (default: 15)")
    own.add_argument("--modes", default="eventlet,threading", help="(default: eventlet,threading)")
    own.add_argument(
        "--board",
        nargs="?",
        const="told",
        choices=("told", "chromium"),
        help="as a class whose board is open (default: told)",
    )
    given = own.parse_args()
    counts = [int(count) for count in (given.cameras or ("10,30,60" if given.board else "1,10,30,60,100")).split(",")]
    columns = (*COLUMNS, *BOARD_COLUMNS) if given.board else COLUMNS
    notes = [machine(), f"Each camera sees {spelled(WORD)[1]}."]
    result = Result("class-board" if given.board else "class", columns, notes=notes)
    found = {}
    for mode in given.modes.split(","):
        found[mode] = measure(mode, counts, given.seconds, given.board)
        for count, load, others in found[mode]:
            result.rows.append([*row(mode, count, load, others), *(board_row(load) if given.board else ())])
        result.goals += (board_goals if given.board else goals)(mode, found[mode])
    finish(result, given.out)
    if given.out and not given.board:
        draw(found, given.out / "class.png")


if __name__ == "__main__":
    main()
