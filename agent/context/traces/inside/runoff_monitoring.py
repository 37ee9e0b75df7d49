"""Tracing by ``sys.monitoring``: CPython 3.12 and later. What was told once costs nothing any more."""
# mypy: ignore-errors

import sys

from runoff_trace import MOST_CALLS, SAMPLES, Recorder
from runoff_values import class_name

_TOOLS = (4, 3, 5, 2)
"""Numbers that debuggers and coverage tools leave free, best first."""


class Tracer(Recorder):
    """Takes each event of the tree's code until it has told all that it can."""

    def start(self):
        self.tool = next(number for number in _TOOLS if sys.monitoring.get_tool(number) is None)
        self.kinds, self.off = sys.monitoring.events, sys.monitoring.DISABLE
        self.pending, self.imported_lines = {}, False
        sys.monitoring.use_tool_id(self.tool, "runoff")
        for kind, taker in (
            ("PY_START", self.py_start),
            ("LINE", self.line_event),
            ("PY_RETURN", self.py_return),
            ("PY_UNWIND", self.py_unwind),
            ("RAISE", self.raised),
        ):
            sys.monitoring.register_callback(self.tool, getattr(self.kinds, kind), taker)
        everywhere = self.kinds.PY_START | self.kinds.PY_UNWIND | self.kinds.RAISE
        sys.monitoring.set_events(self.tool, everywhere)

    def unhook(self):
        sys.monitoring.set_events(self.tool, 0)
        for place in list(self.places.values()):
            sys.monitoring.set_local_events(self.tool, place.code, 0)

    def again(self):
        sys.monitoring.restart_events()

    def py_start(self, code, offset):
        place = self.place(code)
        if place is None or self.stopped:
            return self.off
        frame = sys._getframe(1)
        phase = 0 if self.thread.imports else 1
        if place.is_module and frame.f_globals.get("__name__") != "__main__" and place.path[:1] != "/":
            self.thread.imports += 1
            self.pending[id(frame)] = None
            phase = 0
        first = not place.calls
        self.enter(place, phase, frame)
        if self.stopped:
            return self.off
        if first:
            self.follow(place)
        if phase and place.samples < SAMPLES and place.samples_wanted and not place.is_test:
            place.samples += 1
            self.pending[id(frame)] = self.arguments(place, frame)
        if not phase:
            self.imported_lines = self.imported_lines or not place.is_module
        return self.off if place.calls > MOST_CALLS and place.samples >= SAMPLES else None

    def follow(self, place):
        wanted = self.kinds.LINE | self.kinds.PY_RETURN
        sys.monitoring.set_local_events(self.tool, place.code, wanted)

    def line_event(self, code, line):
        place = self.place(code)
        if place is None or self.stopped:
            return self.off
        phase = 0 if self.thread.imports else 1
        if line not in place.seen[phase]:
            self.line(place, phase, line)
            self.check_time()
        return self.off

    def py_return(self, code, offset, value):
        place = self.place(code)
        if place is None:
            return self.off
        self.leave(place, sys._getframe(1), value, None)
        return self.off if place.samples >= SAMPLES and not place.is_module else None

    def py_unwind(self, code, offset, error):
        if self.pending and (place := self.place(code)) is not None:
            self.leave(place, sys._getframe(1), None, class_name(type(error)))

    def leave(self, place, frame, value, raised):
        key = id(frame)
        if key not in self.pending:
            return
        arguments = self.pending.pop(key)
        if arguments is not None:
            self.value(place, arguments, value, raised)
            return
        self.thread.imports -= 1
        if not self.thread.imports and self.imported_lines:
            self.imported_lines = False
            sys.monitoring.restart_events()  # lines told at an import are told again where the case runs them

    def raised(self, code, offset, error):
        place = self.place(code)
        if place is not None and place.is_test and not self.stopped:
            self.failure(type(error), error, error.__traceback__)
