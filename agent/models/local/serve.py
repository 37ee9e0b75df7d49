"""llama.cpp's server for an embedded model: OpenAI-compatible, parallel slots, prefix cache.

As a module (``python -m agent.models.local.serve``) it is the child process of `agent.models.local.server.LocalServer`.
"""

from __future__ import annotations

import argparse
import os
import select
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from agent.models.contract import ModelError
from agent.models.local import registry
from agent.models.local.catalog import LocalModel, local_model
from agent.models.local.fetch import fetch
from agent.models.local.options import ServerOptions
from agent.models.local.parameters import parameters

KEY_VARIABLE = "RUNOFF_SERVER_KEY"
"""Carries the key to the child: an argument would show in the process list."""

SLOTS_PREFIX = "runoff-slots-"

PASSIVE_THREADS = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}
"""llama.cpp's OpenMP threads sleep at barriers instead of spinning. On cores that tests also use, spinning lets a
thread wait out its whole time slice for one that is not running (figures: docs/measurements/local-model.md)."""


def serve(
    model: str,
    host: str = "127.0.0.1",
    port: int = 8080,
    slots: int | None = None,
    threads: int | None = None,
    context: int | None = None,
) -> None:
    """Serve a model in the foreground until interrupted; runs of Runoff on this machine then use it.

    Raises ModelError in one line when the port is taken, the model cannot be had or xllamacpp is missing.
    """
    options = ServerOptions.of(slots=slots, threads=threads, context=context)
    path = fetch(local_model(model))
    _refuse_taken_port(host, port)
    print(f"loading {path.name} ...", flush=True)
    with _slots_folder() as folder:
        server = start(local_model(model), options, host=host, port=port, slots_folder=folder)
        address = f"{server.listening_address}/v1"
        served = registry.Served(model, os.getpid(), address, "", options.slots, options.context)
        registry.announce(served)
        print(f"serving {model} at {address} (Ctrl-C ends it)", flush=True)
        try:
            _wait_forever()
        except KeyboardInterrupt:
            print("ended", flush=True)
        finally:
            registry.withdraw(served)


def start(
    model: LocalModel, options: ServerOptions, *, host: str, port: int, slots_folder: str, api_key: str = ""
) -> Any:
    """Load the model and return xllamacpp's server, which answers from its own threads. Port 0: any free one.

    ``slots_folder``: where slots are saved (see `agent.models.local.prefix`).
    """
    os.environ.update({name: value for name, value in PASSIVE_THREADS.items() if name not in os.environ})
    made = parameters(options)
    import xllamacpp  # it is there, for parameters of its own were just made

    made.model.path = str(model.path)
    made.model_alias = {model.name}
    made.hostnames = [host]
    made.port = port
    made.api_keys = [api_key] if api_key else []
    made.slot_save_path = f"{slots_folder}/"
    try:
        return xllamacpp.Server(made)
    except RuntimeError as error:
        raise ModelError(f"llama.cpp cannot serve {model.file}: {error}") from error


def _slots_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a folder for saved slots, and remove those of servers that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SLOTS_PREFIX}*"):
        pid = folder.name.removeprefix(SLOTS_PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays
    return tempfile.TemporaryDirectory(prefix=f"{SLOTS_PREFIX}{os.getpid()}-")


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ModelError(f"cannot listen on {host}:{port} ({error.strerror}); choose another --port") from error


def _wait_forever() -> None:
    while True:
        select.select([], [], [], 3600)


def _wait_for_parent() -> None:
    """Return when the parent is gone, however it went: its end of our stdin closes, or we are handed to another.

    PR_SET_PDEATHSIG would not do: it fires when the *thread* that started us ends.
    """
    parent = os.getppid()
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], 1.0)
        if readable and not os.read(sys.stdin.fileno(), 1):
            return


def _child() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--options", type=ServerOptions.loaded, required=True)
    given = parser.parse_args()
    options = given.options
    key = os.environ.pop(KEY_VARIABLE)
    with _slots_folder() as folder:
        try:
            server = start(
                local_model(given.model), options, host="127.0.0.1", port=given.port, slots_folder=folder, api_key=key
            )
        except ModelError as error:
            sys.exit(str(error))
        print(server.listening_address, flush=True)
        _wait_for_parent()
    os._exit(0)  # the server's own threads would be waited for otherwise


if __name__ == "__main__":
    _child()
