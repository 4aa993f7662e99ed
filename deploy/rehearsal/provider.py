"""An SMS provider over real HTTP, well or not: `python -m deploy.rehearsal.provider ADDRESS PORT FOLDER`.

`FOLDER/mode` says how it is, read at each request; `FOLDER/accepted.jsonl` has a line for each text that it took,
written before it answers. It takes whatever it is sent, also a second time, as providers do.
"""

import json
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SLOW = 8.0  # seconds, longer than the portal waits
MODES = (
    "well",
    "slow",  # it takes the text and answers when nobody listens any more
    "fails after",  # it takes the text; half of the answers are 500, of the others the line is cut
    "fails",  # 500, and it has not taken the text
    "busy",  # 429
)


class Provider(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: str, port: int, folder: Path) -> None:
        self.folder, self.lock = folder, threading.Lock()
        self.accepted: dict[str, int] = {}
        self.lines = folder / "accepted.jsonl"
        if self.lines.exists():
            for line in self.lines.read_text().splitlines():
                self.count(json.loads(line)["ref"])
        super().__init__((address, port), Handler)

    def count(self, reference: str) -> None:
        self.accepted[reference] = self.accepted.get(reference, 0) + 1

    def accept(self, text: dict[str, Any]) -> None:
        with self.lock, self.lines.open("a") as lines:
            lines.write(json.dumps({"ref": text["ref"], "to": text["to"]}) + "\n")
            self.count(text["ref"])

    @property
    def mode(self) -> str:
        return (self.folder / "mode").read_text().strip()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Provider

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mode = self.server.mode
        if mode in {"fails", "busy"}:
            return self.answer(500 if mode == "fails" else 429, {})
        self.server.accept(text)
        if mode == "slow":
            time.sleep(SLOW)
        if mode == "fails after":
            if random.random() < 0.5:
                return self.answer(500, {})
            self.close_connection = True
            return self.connection.close()
        return self.answer(201, {"id": f"ref-{text['ref']}"})

    def do_GET(self) -> None:
        reference = self.path.rpartition("/")[2]
        if self.server.mode in {"fails", "busy"}:
            return self.answer(500, {})
        there = reference in self.server.accepted
        return self.answer(200 if there else 404, {"id": f"ref-{reference}"} if there else {})

    def answer(self, status: int, content: dict[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


def main() -> None:
    address, port, folder = sys.argv[1:]
    Provider(address, int(port), Path(folder)).serve_forever()


if __name__ == "__main__":
    main()
