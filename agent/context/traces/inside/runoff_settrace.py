"""Tracing by ``sys.settrace``: every Python before 3.12."""
# mypy: ignore-errors

import sys
import threading

from runoff_trace import MOST_STALE, SAMPLES, Recorder
from runoff_values import class_name


class Tracer(Recorder):
    """Lets Python call it at every call, and at every line of the tree's functions until all of these were seen."""

    def start(self):
        self.lines = {}
        self.threads, self.settrace = threading.settrace, sys.settrace  # modules may be gone at the very end
        self.threads(self.call)
        self.settrace(self.call)

    def unhook(self):
        self.threads(None)
        self.settrace(None)

    def call(self, frame, event, arg):
        """Python's own trace function: returns who follows the lines of a call; None: nobody."""
        if event != "call":
            return None
        if self.stopped:
            self.settrace(None)
            return None
        code = frame.f_code
        place = self.place(code)
        if place is None:
            return None
        phase = 0 if self.thread.imports else 1
        if place.is_module:
            return self.module(place, phase, frame)
        self.enter(place, phase, frame)
        if phase and place.samples < SAMPLES and place.samples_wanted and not place.is_test:
            place.samples += 1
            return self.sampled(place, frame)
        if place.complete(phase) and not place.is_test:
            return None
        return self.plain(place, phase)

    def plain(self, place, phase):
        """Return the function that follows the lines of a place."""
        key = place.number, phase
        if key not in self.lines:
            seen = place.seen[phase]

            def local(frame, event, arg):
                if event == "line":
                    if frame.f_lineno not in seen:
                        self.line(place, phase, frame.f_lineno)
                    else:
                        self.stale(place, frame)
                elif event == "exception" and place.is_test:
                    self.failure(*arg)
                return None if self.stopped else local

            self.lines[key] = local
        return self.lines[key]

    def stale(self, place, frame):
        place.stale += 1
        if place.stale > MOST_STALE and not place.is_test and hasattr(frame, "f_trace_lines"):
            frame.f_trace_lines = False
        if not place.stale & 255:
            self.check_time()

    def module(self, place, phase, frame):
        """Follow a module's body: what it calls is called at its import, unless it is the program itself."""
        imported = place.path[:1] != "/" and frame.f_globals.get("__name__") != "__main__"
        if imported:
            self.thread.imports += 1
            phase = 0
        self.enter(place, phase, frame)
        plain = self.plain(place, phase)

        def local(frame, event, arg):
            if event == "return" and imported:
                self.thread.imports -= 1
            else:
                plain(frame, event, arg)
            return local

        return local

    def sampled(self, place, frame):
        """Follow one call with its arguments and what came of it."""
        plain, arguments, raised = self.plain(place, 1), self.arguments(place, frame), []

        def local(frame, event, arg):
            if event == "return":
                self.value(place, arguments, arg, raised[0] if raised else None)
            elif event == "exception":
                raised[:] = [class_name(arg[0])]
            else:
                del raised[:]
                plain(frame, event, arg)
            return local

        return local
