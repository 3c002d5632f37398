"""What native threads and green ones share."""

import subprocess
import sys

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
