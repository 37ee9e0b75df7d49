"""``environment.yml``: conda's packages by the names that the index of Python packages has for them."""

from __future__ import annotations

import re
from pathlib import Path

from swebench_runs.checkouts.project_environment.declared import Declared
from swebench_runs.checkouts.project_environment.tree_files import read_inside, strings, yaml_value

FILES = tuple(
    f"{folder}{name}.{kind}"
    for folder in ("", "ci/", "conda/", "requirements/", "binder/")
    for name in ("environment", "environment-dev", "environment_dev", "environment-test", "conda", "env")
    for kind in ("yml", "yaml")
)
_ON_THE_INDEX = {
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "matplotlib-base": "matplotlib",
    "dask-core": "dask",
    "opencv": "opencv-python-headless",
    "py-opencv": "opencv-python-headless",
    "pytables": "tables",
    "python-graphviz": "graphviz",
    "msgpack-python": "msgpack",
    "typing_extensions": "typing-extensions",
    "importlib_metadata": "importlib-metadata",
    "seaborn-base": "seaborn",
    "jupyter_client": "jupyter-client",
    "pyqt": "PyQt5",
    "pyspark-base": "pyspark",
    "fastapi-base": "fastapi",
    "numpy-base": "numpy",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-base": "tensorflow",
    "python-dateutil": "python-dateutil",
    "faiss-cpu": "faiss-cpu",
    "ruamel_yaml": "ruamel.yaml",
    "prompt_toolkit": "prompt-toolkit",
}
_NO_PYTHON = re.compile(
    r"_.*|r-.*|r|lib.*|.*compilers?|gcc.*|gxx.*|clang.*|gfortran.*|binutils.*|make|cmake|ninja|pkg-config|nodejs|npm|yarn"
    r"|git|git-lfs|blas|openblas|mkl.*|nomkl|cuda.*|cudnn|nvidia.*|hdf5|netcdf-c|openssl|sqlite|zlib|bzip2|xz|readline"
    r"|curl|wget|ffmpeg|pandoc|graphviz|tk|conda.*|mamba|boa|anaconda.*|java.*|openjdk|go|rust|perl|ruby|gdal-bin|eigen"
    r"|boost.*|fftw|gsl|proj|geos|zeromq|arrow-cpp|swig|doxygen|texlive.*|docker.*|postgresql|redis-server|pip|python"
)
"""Packages of conda's that are no Python package."""
_ENTRY = re.compile(r"(?:[\w.-]+::)?(?P<name>[\w.-]+)(?P<rest>.*)", re.DOTALL)


def conda(tree: Path) -> Declared | None:
    """Return what a checkout's environment file for conda declares; None without one."""
    for where in FILES:
        text = read_inside(tree, where)
        if text is not None:
            return _read(text, where)
    return None


def _read(text: str, where: str) -> Declared | None:
    values = yaml_value(text, where)
    entries = values.get("dependencies") if isinstance(values, dict) else None
    if not isinstance(entries, list):
        return None
    lines: list[str] = []
    left_out: list[str] = []
    for entry in entries:
        if isinstance(entry, dict):
            lines += strings(entry.get("pip"))
        elif isinstance(entry, str) and (match := _ENTRY.fullmatch(entry.split("#")[0].strip())):
            name = match["name"].lower()
            if name in _ON_THE_INDEX or not _NO_PYTHON.fullmatch(name):
                lines.append(f"{_ON_THE_INDEX.get(name, name)}{_version(match['rest'])}")
            elif name not in ("python", "pip"):
                left_out.append(name)
    notes = [f"{where}: {', '.join(left_out)} of conda's are no Python packages and are left out"] if left_out else []
    return Declared(where, lines=tuple(lines), notes=tuple(notes))


def _version(rest: str) -> str:
    """Return conda's version in pip's form: ``=1.2`` and ``=1.2=build`` are any ``1.2``, blanks part a name from it."""
    text = rest.strip().replace(" ", "")
    if not text or text == "*":
        return ""
    if match := re.fullmatch(r"=?([\d][\w.]*?)(\.\*)?(=.*)?", text):
        return f"=={match[1]}.*"
    exact = re.fullmatch(r"==([\w.]+)(=.*)?", text)
    return f"=={exact[1]}" if exact else text.split("|")[-1]
