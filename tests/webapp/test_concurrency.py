"""What native threads and green ones share."""

import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable

import pytest

from webapp.concurrency import KEPT_THREADS, Threads
from webapp.config import ROOT

LOGGING = """
import warnings
warnings.simplefilter("ignore")
import logging, sys
logging.basicConfig(stream=sys.stderr, level=logging.INFO)
import eventlet
eventlet.monkey_patch()
from eventlet import patcher
from webapp.concurrency import log_from_any_thread
log_from_any_thread()
sys.setswitchinterval(0.0001)

def say(name):
    log = logging.getLogger(name)
    log.manager._clear_cache()  # as at the start, when nobody has been asked for a level yet
    log.info("said")

going_on = True
def native():
    while going_on:
        say("native")
thread = patcher.original("threading").Thread(target=native)
thread.start()

def green():
    for _ in range(50):
        say("green")
        eventlet.sleep(0)
greens = [eventlet.spawn(green) for _ in range(20)]
with eventlet.Timeout(60, False):
    for one in greens:
        one.wait()
    print("all said")
going_on = False
thread.join()
"""


GREEN_WORK = """
import warnings
warnings.simplefilter("ignore")
import eventlet
eventlet.monkey_patch()
import gc, logging, weakref
from webapp.concurrency import KEPT_GREEN_THREADS, GreenThreads
logging.disable()

class Picture:
    pass

threads, used, done = GreenThreads(), [], []

def work(number, *_):
    used.append(eventlet.getcurrent())
    done.append(number)

def fail():
    raise RuntimeError

for number in range(20):
    threads.start(work, number)
    threads.start(fail)
    eventlet.sleep(0.001)
assert done == list(range(20)), done
assert len(set(used)) <= 2, "those that have done their work stay for the next"

many = 2 * KEPT_GREEN_THREADS
ended, go_on = [], eventlet.event.Event()
def wait(number):
    go_on.wait()
    ended.append(number)
for number in range(many):
    threads.start(wait, number)
threads.start(work, 20)
eventlet.sleep(0.01)
assert done[-1] == 20, "work that waits holds nobody up"
go_on.send()
eventlet.sleep(0.01)
assert sorted(ended) == list(range(many))

picture = Picture()
gone = weakref.ref(picture)
threads.start(work, 21, picture)
del picture
eventlet.sleep(0.01)
assert done[-1] == 21 and gone() is None, "nothing stays of work that is done"

used.clear()
gc.collect()
green = [one for one in gc.get_objects() if isinstance(one, eventlet.greenthread.greenlet.greenlet) and not one.dead]
assert len(green) <= KEPT_GREEN_THREADS + 3, len(green)  # the hub, this one and the one that waits for native threads
print("all done")
"""


def test_green_threads_that_do_short_work_stay_for_the_next() -> None:
    done = subprocess.run([sys.executable, "-c", GREEN_WORK], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout == "all done\n", done.stderr


def test_native_and_green_threads_log_at_once_and_nobody_waits_for_ever() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOGGING],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=120,
    )
    assert done.stdout == "all said\n"


def test_threads_that_do_short_work_stay_for_the_next() -> None:
    threads = Threads()
    used: list[threading.Thread] = []

    def work(done: threading.Event) -> None:
        used.append(threading.current_thread())
        done.set()

    for _ in range(50):
        done = threading.Event()
        threads.start(work, done)
        assert done.wait(5)
    assert len(used) == 50
    assert len(set(used)) <= 3, "one may not be back yet when the next work comes"


def test_threads_outlive_work_that_fails() -> None:
    threads, done = Threads(), threading.Event()

    def fail() -> None:
        raise RuntimeError

    for _ in range(2 * KEPT_THREADS):
        threads.start(fail)
    threads.start(done.set)
    assert done.wait(5)


def test_work_that_waits_holds_nobody_up_however_much_there_is() -> None:
    threads, go_on, ended = Threads(), threading.Event(), threading.Semaphore(0)
    before = set(threading.enumerate())

    def wait() -> None:
        go_on.wait(30)
        ended.release()

    for _ in range(KEPT_THREADS + 20):
        threads.start(wait)
    done = threading.Event()
    threads.start(done.set)
    assert done.wait(5)
    go_on.set()
    for _ in range(KEPT_THREADS + 20):
        assert ended.acquire(timeout=5)
    wait_until(lambda: len(set(threading.enumerate()) - before) == KEPT_THREADS)


def test_nothing_stays_of_work_that_is_done() -> None:
    class Picture:
        pass

    threads, picture = Threads(), Picture()
    gone = weakref.ref(picture)
    threads.start(lambda _: None, picture)
    del picture
    wait_until(lambda: gone() is None)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit for files")
def test_threads_wait_for_a_socket_of_any_number() -> None:
    import fcntl
    import resource

    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] != resource.RLIM_INFINITY and limits[1] < 2000:
        pytest.skip("this machine lets nobody open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2000, limits[1]))
    try:
        ours, theirs = socket.socketpair()
        with ours, theirs, socket.socket(fileno=fcntl.fcntl(ours, fcntl.F_DUPFD, 1500)) as high:
            theirs.send(b"x")
            Threads().wait_readable(high)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
