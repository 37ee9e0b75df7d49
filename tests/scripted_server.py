"""An OpenAI-compatible server that answers from a script: for exact paths in tests, a model is nowhere behind it.

``python scripted_server.py [EDIT [IP]]`` prints its address and serves until its input closes. Asked for an edit
it answers with the file EDIT, else makes a new file named after the request, so that trajectories differ; asked for a
test it writes one that always fails.
"""

import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TEST = "```python\nimport sys\nissue_present()\n```"


def answer(request):
    text = request["messages"][-1]["content"]
    if "Write a test" in text or "Write another test" in text or "Your test" in text:
        return f"TEST\n{TEST}" if "TEST to run another" in text else TEST
    if sys.argv[1:]:
        return Path(sys.argv[1]).read_text()
    name = "made_" + hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:8]
    return f"{name}.py\n<<<<<<< SEARCH\n=======\nANSWER = '{name}'\n>>>>>>> REPLACE\n"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        message = {"role": "assistant", "content": answer(request)}
        body = {
            "id": "scripted",
            "object": "chat.completion",
            "created": 0,
            "model": request["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format, *args):
        pass


if __name__ == "__main__":
    at = sys.argv[2] if sys.argv[2:] else "127.0.0.1"
    server = ThreadingHTTPServer((at, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://{at}:{server.server_port}/v1", flush=True)
    sys.stdin.read()
