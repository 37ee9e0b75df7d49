"""SLURM's programs: the machine's own, or Debian's packages unpacked into a folder, which installs nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("slurm-wlm", "munge")
_NEEDED = ("slurmctld", "slurmd", "sbatch", "srun", "scancel", "scontrol", "munged")
_LIBRARIES = Path("usr/lib/x86_64-linux-gnu")
_PLUGINS = _LIBRARIES / "slurm-wlm"


class NoSlurm(Exception):
    """Neither has the machine SLURM, nor can its packages be had; one line."""


@dataclass(frozen=True)
class Programs:
    """Where they are."""

    environment: dict[str, str]
    """Of whatever starts one of them."""
    plugins: Path | None
    """Their folder; None: where the programs look by themselves."""
    step: Path
    """What ``slurmd`` starts for each step."""

    @property
    def version(self) -> str:
        """Return what SLURM says of itself."""
        return self.output("slurmd", "-V")

    def output(self, *command: str) -> str:
        """Run one of them to its end; returns what it printed. CalledProcessError where it fails."""
        done = subprocess.run(
            command, env={**os.environ, **self.environment}, capture_output=True, text=True, check=True, timeout=120
        )
        return done.stdout.strip()


def programs(folder: Path) -> Programs:
    """Return SLURM's programs; those that the machine lacks are unpacked below ``folder``.

    NoSlurm where they cannot be had.
    """
    if all(shutil.which(name) for name in _NEEDED):
        step = Path(shutil.which("slurmd") or "").resolve().with_name("slurmstepd")
        return Programs({}, None, step)
    root = _unpacked(folder)
    path = os.pathsep.join(str(root / part) for part in ("usr/bin", "usr/sbin"))
    libraries = os.pathsep.join(str(root / part) for part in (_PLUGINS, _LIBRARIES))
    environment = {"PATH": f"{path}{os.pathsep}{os.environ['PATH']}", "LD_LIBRARY_PATH": libraries}
    lacking = [name for name in _NEEDED if not shutil.which(name, path=environment["PATH"])]
    if lacking:
        raise NoSlurm(f"SLURM's packages lack {', '.join(lacking)}: install {' '.join(PACKAGES)}")
    return Programs(environment, root / _PLUGINS, root / "usr/sbin/slurmstepd")


def _unpacked(folder: Path) -> Path:
    """Fetch the packages that are not installed, and unpack them."""
    if shutil.which("apt-get") is None:
        raise NoSlurm(f"this machine has no SLURM and no apt-get: install {' '.join(PACKAGES)}")
    kept, root = folder / "packages", folder / "root"
    (kept / "partial").mkdir(parents=True)
    root.mkdir()
    fetch = ("apt-get", "install", "--download-only", "--yes", "--no-install-recommends")
    ours = ("-o", f"Dir::Cache::archives={kept}", "-o", "Debug::NoLocking=true", "-o", "APT::Sandbox::User=root")
    done = subprocess.run([*fetch, *ours, *PACKAGES], capture_output=True, text=True, check=False)
    if done.returncode:
        last = " ".join(done.stderr.split())[-300:]
        raise NoSlurm(f"SLURM's packages cannot be fetched (apt-get update?): {last}")
    for package in sorted(kept.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", str(package), str(root)], check=True)
    for program in (root / "usr/sbin").glob("*-wlm"):  # Debian gives them their names when it installs them
        program.with_name(program.name.removesuffix("-wlm")).symlink_to(program.name)
    return root
