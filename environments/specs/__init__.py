"""What each (repository, version) of the benchmarks needs: ``find_spec``; a missing version is read from the tree."""

from environments.specs.spec import ImageSpec, RunSpec, Service, SpecError, layer_key
from environments.specs.table import find_spec, known_versions, repositories
from environments.specs.version import Inferred, VersionError, infer_version

__all__ = [
    "ImageSpec",
    "Inferred",
    "RunSpec",
    "Service",
    "SpecError",
    "VersionError",
    "find_spec",
    "infer_version",
    "known_versions",
    "layer_key",
    "repositories",
]
