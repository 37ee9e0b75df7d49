"""A server for an embedded model that lives as long as its run: one already served, or a child process."""

from __future__ import annotations

import logging
import os
import re
import secrets
import subprocess
import tempfile
import threading
from dataclasses import replace
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlsplit

from agent.models.contract import ModelError
from agent.models.local import registry
from agent.models.local.catalog import local_model
from agent.models.local.fetch import fetch
from agent.models.local.options import ServerOptions
from agent.models.local.serve import KEY_VARIABLE, PASSIVE_THREADS
from agent.models.local.tuning import tuned
from environments.host_python import host_python

log = logging.getLogger(__name__)

MAX_RESTARTS = 3


_LLAMA_LOG = re.compile(r"\s*\d+(\.\d+){2,3} [A-Z] ")
"""A line of llama.cpp's own log: time, level, message."""


class LocalServer:
    """Context manager. Uses the server of ``runoff model serve`` if one answers, else starts a child of its own.

    The child listens on a free loopback port behind a random key and ends with this process, kill -9 included.
    ``api_base``, ``api_key``, ``slots`` and ``context`` (tokens per slot) say how to reach it. Safe under many threads.
    """

    def __init__(
        self,
        model: str = "local",
        *,
        slots: int | None = None,
        context: int | None = None,
        threads: int | None = None,
        options: ServerOptions | None = None,
        share: bool = True,
        tune: bool = False,
    ) -> None:
        """``options``: all of them, in place of those that are chosen; ``share``: a server found running is used.

        ``tune``: threads that are not given, and fewer slots, are chosen by a measurement (see `tuning`).
        """
        self.model = local_model(model)
        self._options = options or ServerOptions.of(slots=slots, context=context, threads=threads)
        self._tune = tune and options is None and threads is None
        self._share = share
        self._lock = threading.Lock()
        self._served: registry.Served | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._port = 0
        self.api_base = ""
        self.api_key = ""
        self.restarts = 0

    @property
    def slots(self) -> int:
        """Answers worked on at once; the largest ``n`` of a request."""
        return self._options.slots

    @property
    def context(self) -> int:
        """Tokens per slot, prompt and answer together."""
        return self._options.context

    @property
    def pid(self) -> int | None:
        """The child's process id; None when somebody else serves."""
        return self._child.pid if self._child else None

    def __enter__(self) -> Self:
        fetch(self.model)
        served = registry.find(self.model.name) if self._share else None
        if served:
            log.info("using the server of process %d at %s", served.pid, served.api_base)
            self._served = served
            self.api_base, self.api_key = served.api_base, served.api_key
            self._port = urlsplit(served.api_base).port or 0
            self._options = replace(self._options, slots=served.slots, context=served.context)
        else:
            if self._tune:
                self._options = tuned(self.model, self._options, self._like_this)
            self.api_key = secrets.token_urlsafe(24)
            self._start()
        return self

    def _like_this(self, options: ServerOptions) -> LocalServer:
        return LocalServer(self.model.name, options=options, share=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._stop()

    def revive(self) -> None:
        """Start a child on the same port and key if the server has died; ModelError after three times."""
        with self._lock:
            cause = self._cause_of_death()
            if cause is None:
                return
            if self.restarts == MAX_RESTARTS:
                raise ModelError(f"the server of {self.model.name} died {MAX_RESTARTS + 1} times: {cause}")
            self.restarts += 1
            log.warning("the server of %s died (%s); restart %d", self.model.name, cause, self.restarts)
            self._stop()
            self._start()

    def _cause_of_death(self) -> str | None:
        if self._child:
            code = self._child.poll()
            return None if code is None else f"exit code {code}: {self._last_words()}"
        if self._served and not self._served.answers(timeout=30.0):
            return f"process {self._served.pid}, started by somebody else, answers no more"
        return None

    def _start(self) -> None:
        """Start the child and wait until it has loaded the model."""
        options = self._options
        chosen = {name: os.environ[name] for name in PASSIVE_THREADS if name in os.environ}
        child = host_python(
            *(
                "-m",
                "agent.models.local.serve",
                self.model.name,
                f"--port={self._port}",
                f"--options={options.dumped()}",
            ),
            variables={**PASSIVE_THREADS, **chosen, KEY_VARIABLE: self.api_key},
        )
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed in _stop)
        self._child = subprocess.Popen(
            child.command,
            env=child.environment,
            cwd=child.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C at the terminal is the run's affair; the server ends after it
        )
        assert self._child.stdout
        address = self._child.stdout.readline().decode().strip()
        if not address:
            self._child.wait()
            reason = self._last_words()
            self._stop()
            raise ModelError(f"the server of {self.model.name} did not start: {reason}")
        self.api_base = f"{address}/v1"
        self._port = urlsplit(address).port or 0

    def _stop(self) -> None:
        if self._child:
            assert self._child.stdin
            self._child.stdin.close()  # tells it to go, and it removes its saved slots
            try:
                self._child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
            for stream in (self._child.stdout, self._log):
                if stream:
                    stream.close()
        self._child = self._log = None

    def _last_words(self) -> str:
        if not self._log:
            return ""
        self._log.seek(0)
        lines = [line for line in self._log.read().decode(errors="replace").splitlines() if line.strip()]
        own = [line for line in lines if not _LLAMA_LOG.match(line)]  # its log thread may write after our last word
        return (own or lines or ["no message"])[-1].strip()
