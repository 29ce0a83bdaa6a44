"""A small clamd on a socket of this machine, which does as it is told."""

import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Heard:
    """What the scanner was told; the bytes themselves are not kept."""

    address: str
    commands: list[bytes] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    digest: str = ""
    has_ended: bool = False


Behaviour = Callable[[socket.socket, Heard], None]


@contextmanager
def fake_clamd(behave: Behaviour) -> Iterator[Heard]:
    """Answer every connection by `behave`, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard = Heard(f"127.0.0.1:{server.getsockname()[1]}")
        thread = threading.Thread(target=_serve, args=(server, behave, heard))
        thread.start()
        try:
            yield heard
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(server: socket.socket, behave: Behaviour, heard: Heard) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        # Whoever gave up on us is no error of ours.
        with connection, suppress(OSError):
            connection.settimeout(10)
            behave(connection, heard)


def listen(connection: socket.socket, heard: Heard) -> None:
    """Read a command, and the stream that follows INSTREAM to its end."""
    heard.commands.append(_command(connection))
    if heard.commands[-1] != b"zINSTREAM":
        return
    digest = hashlib.sha256()
    while length := struct.unpack(">I", _exactly(connection, 4))[0]:
        heard.sizes.append(length)
        digest.update(_exactly(connection, length))
    heard.digest, heard.has_ended = digest.hexdigest(), True


def _command(connection: socket.socket) -> bytes:
    command = b""
    while not command.endswith(b"\0"):
        command += _exactly(connection, 1)
    return command[:-1]


def _exactly(connection: socket.socket, length: int) -> bytes:
    content = b""
    while len(content) < length:
        received = connection.recv(length - len(content))
        if not received:
            raise ConnectionError("The client hung up.")
        content += received
    return content


def says(answer: bytes) -> Behaviour:
    """Hear everything, then say `answer`."""

    def behave(connection: socket.socket, heard: Heard) -> None:
        listen(connection, heard)
        connection.sendall(answer)

    return behave


def interrupts(answer: bytes, *, after: int, pause: float = 0.0) -> Behaviour:
    """Say `answer` after so many bytes, then hang up with the rest unread."""

    def behave(connection: socket.socket, heard: Heard) -> None:
        _exactly(connection, after)
        connection.sendall(answer)
        time.sleep(pause)

    return behave


def resets(connection: socket.socket, heard: Heard) -> None:
    """Hear everything, then break the line instead of closing it."""
    listen(connection, heard)
    at_once = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)


def drips(answer: bytes, *, pause: float) -> Behaviour:
    """Hear everything, then answer one byte at a time."""

    def behave(connection: socket.socket, heard: Heard) -> None:
        listen(connection, heard)
        for byte in answer:
            connection.sendall(bytes([byte]))
            time.sleep(pause)

    return behave


def sleeps(ended: threading.Event) -> Behaviour:
    """Take no byte and say nothing until `ended`."""

    def behave(connection: socket.socket, heard: Heard) -> None:
        ended.wait(10)

    return behave
