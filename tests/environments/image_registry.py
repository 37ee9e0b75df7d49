"""A registry of one tiny image on 127.0.0.1, which an engine takes without TLS; it can refuse before it serves."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
CONFIG = "application/vnd.docker.container.image.v1+json"


def _layer():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("hello")
        entry.size = 5
        archive.addfile(entry, io.BytesIO(b"hello"))
    return packed.getvalue()


class Registry:
    """What it holds, what it was asked, and what it still refuses."""

    def __init__(self):
        plain = _layer()
        layer = gzip.compress(plain, mtime=0)
        rootfs = {"type": "layers", "diff_ids": [_digest(plain)]}
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}).encode()
        described = {"config": _described(CONFIG, config), "layers": [_described(LAYER, layer)]}
        self.manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, **described}).encode()
        self.blobs = {_digest(blob): blob for blob in (config, layer)}
        self.refusals = []
        """(status, error code, message) of the next requests of a manifest."""
        self.manifests = 0
        self.lock = threading.Lock()
        self.host = ""


@contextmanager
def serving():
    registry = Registry()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(registry))
    registry.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(registry):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *words):
            pass

        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            if "/manifests/" in self.path:
                self._manifest()
            elif "/blobs/" in self.path:
                self._send(200, "application/octet-stream", registry.blobs[self.path.rpartition("/")[2]])
            else:
                self._send(200, "application/json", b"{}")

        def _manifest(self):
            with registry.lock:
                registry.manifests += 1
                refusal = registry.refusals.pop(0) if registry.refusals else None
            if refusal:
                status, code, message = refusal
                body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
                self._send(status, "application/json", body)
            else:
                self._send(200, MANIFEST, registry.manifest, {"Docker-Content-Digest": _digest(registry.manifest)})

        def _send(self, status, kind, body, more=None):
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler


def _described(kind, content):
    return {"mediaType": kind, "size": len(content), "digest": _digest(content)}


def _digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
