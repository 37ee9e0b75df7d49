"""The embedded sandbox: one bubblewrap per command over a persistent stack of copy-on-write layers."""

from environments.bubblewrap.host_root import HostRoot, host_root
from environments.bubblewrap.sandbox import BubblewrapSandbox

__all__ = ["BubblewrapSandbox", "HostRoot", "host_root"]
