"""The embedded sandbox: one bubblewrap per command over a persistent stack of copy-on-write layers."""

from environments.sandboxes.bubblewrap.bubblewrap_sandbox import BubblewrapSandbox
from environments.sandboxes.bubblewrap.host_root import HostRoot, host_root

__all__ = ["BubblewrapSandbox", "HostRoot", "host_root"]
