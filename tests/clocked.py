"""``gunicorn tests.clocked``: the portal as it is served, but for its clock, which a test moves while it runs.

The file named by ``CLOCK_FILE`` holds the seconds by which this process is ahead of the real time; every request looks
at it first. Processes that share the file share the time, to the microsecond.
"""

import os
import threading
import time
from pathlib import Path

import time_machine

from portal.wsgi import application as portal

CLOCK = Path(os.environ["CLOCK_FILE"])


class Clock:
    def __init__(self):
        self.lock = threading.Lock()
        self.ahead = "0"
        self.travel = None

    def follow(self):
        ahead = CLOCK.read_text()
        if ahead != self.ahead:
            with self.lock:
                if ahead != self.ahead:
                    self.move(float(ahead))
                    self.ahead = ahead

    def move(self, ahead):
        if self.travel is None:
            self.travel = time_machine.travel(time.time() + ahead, tick=True).start()
        else:
            self.travel.move_to(time_machine.escape_hatch.time.time() + ahead, tick=True)


clock = Clock()


def application(environ, start_response):
    clock.follow()
    return portal(environ, start_response)
