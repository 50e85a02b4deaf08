# A whole client, written from docs/runner-aware-tools.md alone.
import json
import os
import socket
import struct


class Runner:
    """Talks to the vt that runs this process; does nothing where none does."""

    def __init__(self):
        self.socket = None
        endpoint = os.environ.get("VP_RUN_IPC_NAME")
        if endpoint:
            try:
                self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self.socket.connect(endpoint)
                self.ask(call="hello", version=1)
            except OSError:
                self.socket = None

    def ask(self, **request):
        if self.socket is None:
            return {}
        body = json.dumps(request).encode()
        self.socket.sendall(struct.pack("<I", len(body)) + body)
        (length,) = struct.unpack("<I", self.receive(4))
        reply = json.loads(self.receive(length))
        if "error" in reply:
            raise ValueError(reply["error"])
        return reply

    def receive(self, length):
        data = b""
        while len(data) < length:
            piece = self.socket.recv(length - len(data))
            if not piece:
                raise ConnectionError("vt has hung up")
            data += piece
        return data
