"""One container of a sandbox: made, started, ended, frozen, removed. What runs in it is ``exec``'s."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from environments.sandboxes.contract import Limits, SandboxError
from environments.sandboxes.docker.engine import Engine, engine_errors, explanation
from environments.sandboxes.docker.filter import profile_file, seccomp_profile
from environments.sandboxes.docker.labels import labels
from environments.sandboxes.inside import ENVIRONMENT, SHARED_MEMORY
from environments.specs.spec import Service

PROCESS_ONE = """
trap '' TERM INT HUP QUIT USR1 USR2 ALRM
exec 3<> <(:)
while [ $SECONDS -lt 604800 ]; do read -r -t 86400 -u 3 nothing; done
"""
"""Process 1 of every container: takes in orphans, heeds no signal from inside, and ends by itself after a week. It
waits on a pipe that nobody writes to, so that it needs no child, which would count as a process."""
_SPARE_PROCESSES = 3
"""Process 1, and what an engine needs for a moment to bring a command in."""
_FEWEST_PROCESSES = 16
"""An engine's helper is a program of many threads, and each of those counts."""
_PROCESSES_OF_A_SERVICE = 16
_OPEN_FILES = 16384
"""Of one process. Engines' own ceilings differ, and podman's may be higher than it is allowed to set."""
_TO_BECOME_ANOTHER = ("SETGID", "SETUID")
_LAYERS = 120
"""Layers of an image beyond which it is flattened; overlay file systems take 127."""


@dataclass(frozen=True)
class Settings:
    """How the containers of a sandbox and its forks are made."""

    limits: Limits
    run_id: str
    user: str = ""
    """``uid`` or ``uid:gid``; empty: the image's own."""
    environment: Mapping[str, str] = field(default_factory=dict)
    network: str = "none"
    runtime: str | None = None
    """The engine's ``--runtime`` (``runsc`` for gVisor); None: its default."""
    cpus: float | None = None
    """Cores at most; None: all."""
    services: tuple[Service, ...] = ()
    """Servers that run inside, as root; the user must be another."""

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment beside the image's own."""
        services = {name: value for service in self.services for name, value in service.environment.items()}
        return {**ENVIRONMENT, **services, **self.environment}


class UnstartableError(Exception):
    """The container's own files keep its process 1 from starting: the engine's words."""


class Container:
    """A container that exists. Not safe to use from several threads at once, but for ``kill``."""

    def __init__(self, engine: Engine, image: str, settings: Settings, mounts: Mapping[str, str] | None = None) -> None:
        """Make it, not started yet; ``mounts``: path inside -> volume, shown read-only, or ``""`` for memory.

        Raises:
            SandboxError: there is no such image, or the engine does not take the settings.
        """
        self.engine = engine
        self.settings = settings
        mounts = mounts or {}
        with engine_errors(f"make a container of {image}"):
            made = engine.api.create_container(
                image,
                entrypoint=[*self._become_user(), "/bin/bash", "-c", PROCESS_ONE],
                command=[],
                user="0:0" if settings.services else settings.user or None,
                environment=settings.variables,
                working_dir="/",
                hostname="sandbox",
                stop_signal="SIGKILL",
                labels=labels(settings.run_id),
                name=f"runoff-{secrets.token_hex(6)}",
                host_config=self._host_config(mounts),
                use_config_proxy=False,
            )
        self.id: str = made["Id"]
        self.process_one = 0
        """Its process id as the engine's machine sees it; 0: not started, as far as is known here."""

    def _become_user(self) -> list[str]:
        """Return what starts process 1 as the commands' user in a container that is root's, as services need one.

        An engine gives a root that comes in later no capability unless the container was made for root.
        """
        if not self.settings.services:
            return []
        user, _, group = self.settings.user.partition(":")
        return ["setpriv", "--reuid", user, "--regid", group or user, "--clear-groups", "--inh-caps", "-all"]

    @property
    def processes(self) -> int:
        """How many may be in it at a time, what the engine brings in included."""
        of_services = _PROCESSES_OF_A_SERVICE * len(self.settings.services)
        return max(self.settings.limits.processes + _SPARE_PROCESSES + of_services, _FEWEST_PROCESSES)

    def _host_config(self, mounts: Mapping[str, str]) -> Any:
        from docker.types import LogConfig, Ulimit

        limits, services = self.settings.limits, self.settings.services
        ceilings = {"cpu": limits.cpu_seconds, "fsize": limits.file_size, "core": 0, "nofile": _OPEN_FILES}
        return self.engine.api.create_host_config(
            network_mode=self.settings.network,
            mem_limit=limits.memory,
            memswap_limit=limits.memory,
            pids_limit=self.processes,
            shm_size=min(limits.memory // 4, SHARED_MEMORY),
            nano_cpus=int(self.settings.cpus * 1e9) if self.settings.cpus else None,
            # Programs that read their control group (pylint's tests do) take 1024 shares for a core.
            cpu_shares=int(1024 * (self.settings.cpus or self.engine.cores)),
            ulimits=[Ulimit(name=name, soft=most, hard=most) for name, most in ceilings.items()],
            cap_drop=["ALL"],
            cap_add=sorted({name for service in services for name in (*service.capabilities, *_TO_BECOME_ANOTHER)}),
            extra_hosts={host: address for service in services for host, address in service.hosts.items()},
            security_opt=self._security(),
            log_config=LogConfig(type=LogConfig.types.NONE),
            runtime=self.settings.runtime,
            binds={volume: {"bind": path, "mode": "ro"} for path, volume in mounts.items() if volume},
            tmpfs={path: "mode=1777" for path, volume in mounts.items() if not volume},
        )

    def _security(self) -> list[str]:
        options = ["no-new-privileges:true"]
        if self.engine.filters_calls:
            options.append(f"seccomp={profile_file() if self.engine.is_podman else seccomp_profile()}")
        return options

    def start(self) -> bool:
        """Start it if it does not run; return whether it was started.

        Raises:
            UnstartableError: what lies in it keeps process 1 from starting.
            SandboxError: the engine failed.
        """
        from docker.errors import APIError

        if self.process_one:
            return False
        with engine_errors("start a container"):
            try:
                self.engine.api.start(self.id)
            except APIError as error:
                if "OCI runtime" in explanation(error) or error.response.status_code == 400:
                    raise UnstartableError(explanation(error)) from error
                raise
        self.runs()
        return True

    def runs(self) -> bool:
        """Say whether process 1 runs, as the engine knows it now."""
        with engine_errors("look at a container"):
            state = self.engine.api.inspect_container(self.id)["State"]
        self.process_one = int(state["Pid"]) if state["Running"] else 0
        return bool(self.process_one)

    def others(self) -> list[str]:
        """Return what runs in it beside process 1 and its services, the dead that nobody has reaped included."""
        from docker.errors import APIError

        try:
            with engine_errors("list the processes of a container"):
                columns = "hpid,huser,args" if self.engine.is_podman else "-eo pid,uid,args"
                listing = self.engine.api.top(self.id, columns)
        except SandboxError as error:
            if isinstance(error.__cause__, APIError) and error.__cause__.response.status_code in (409, 500):
                return []  # it does not run, so nothing does in it
            raise
        users = {process: user for process, user, *_ in listing["Processes"] or []}
        user = users.pop(str(self.process_one), None)
        # No command can become another user than process 1's, which services are not.
        return [process for process in users if users[process] == user or not self.settings.services]

    def kill(self) -> None:
        """End everything in it, process 1 too; from any thread, whatever its state."""
        from docker.errors import APIError

        try:
            self.engine.api.kill(self.id)
        except APIError as error:
            # Gone, or not running, for which podman has no word of its own.
            if error.response.status_code not in (404, 409) and self.runs():
                raise SandboxError(f"the Docker engine could not end a container: {explanation(error)}") from error
        self.process_one = 0

    def freeze(self) -> str:
        """Return a new image, ``sha256:...``, of its files as they are now."""
        with engine_errors("freeze a container"):
            # Podman removes what is nameless below an image along with it, though others may fork that yet.
            name = {"repository": "runoff/frozen", "tag": secrets.token_hex(8)} if self.engine.is_podman else {}
            image = str(self.engine.api.commit(self.id, pause=False, **name)["Id"])
            found = self.engine.api.inspect_image(image)
            if len(found["RootFS"]["Layers"]) < _LAYERS:
                return image
            return self._flattened(image, found["Config"])

    def _flattened(self, image: str, config: Mapping[str, Any]) -> str:
        """Return an image of one layer in place of one of many, with the same files and settings."""
        api = self.engine.api
        lines = [f"ENV {name}={json.dumps(value)}" for name, _, value in _pairs(config.get("Env") or ())]
        lines += [
            f"LABEL {json.dumps(name)}={json.dumps(value)}" for name, value in labels(self.settings.run_id).items()
        ]
        lines += [f"USER {config['User']}"] if config.get("User") else []
        answer = api.import_image_from_stream(api.export(self.id), changes=lines)
        flat = str(json.loads(answer.strip().splitlines()[-1])["status"])
        api.remove_image(image, force=True, noprune=True)
        return flat

    def remove(self) -> None:
        """Remove it with everything in it. Idempotent."""
        from docker.errors import NotFound

        with engine_errors("remove a container"):
            try:
                self.engine.api.remove_container(self.id, force=True, v=True)
            except NotFound:
                return


def _pairs(settings: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    return (setting.partition("=") for setting in settings)
