"""A Kubernetes API server that has nothing but pods with logs, over HTTP/2 and TLS, as fast as it can.

load_server.py CERTIFICATE KEY --pods N [--lines N] [--rate N] [--width N]

Prints its port. In the namespace `load` N pods, all with the label app=load, write lines of 232 bytes,
with their stamps, at --rate lines a second each, or as fast as they are read; after --lines lines a pod has
ended, which its watch tells. Frames are made here, since a library that makes each of them is too slow for
what is measured; only HPACK is Debian's python3-hpack. 100 streams a connection, as real servers have it.
"""
import argparse
import collections
import json
import queue
import select
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

from hpack import Decoder

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS, PADDED, PRIORITY = 1, 4, 8, 32
FRAME = 16384
BATCH = 256 << 10
STREAMS = 100


def frame(kind, flags, stream, body=b""):
    return struct.pack(">I", len(body))[1:] + struct.pack(">BBI", kind, flags, stream) + body


class Pod:
    """A pod, and what it writes: the same chunk of lines again and again, its stamp and number put in."""

    STAMP = b"@" * 26
    NUMBER = b"#" * 8

    def __init__(self, index, options):
        self.name = f"load-{index:03}"
        self.options = options
        self.has_ended = False
        filler = "GET /api/v1/orders?page=2 status=200 duration=13ms bytes=5120 agent=Mozilla/5.0 trace=4bf92f3577b34da6a3ce929d0e0e4736 "
        self.count = min(FRAME // (options.width + 31), 999)
        with_stamps, without = [], []
        for line in range(self.count):
            message = f"INFO {self.name} ########.{line:03} " + filler * (options.width // len(filler) + 1)
            message = message[: options.width - 32].encode() + b"\n"
            with_stamps.append(self.STAMP + f"{line:03}Z ".encode() + message)
            without.append(message)
        self.chunks = {True: b"".join(with_stamps), False: b"".join(without)}
        self.sizes = {True: len(with_stamps[0]), False: len(without[0])}
        # What was sent lately, as times and numbers: it is made again for who asks for it.
        self.sent = collections.deque()

    def write(self, number, lines, stamps):
        """The next lines."""
        time = now()
        self.sent.append((time, number, lines))
        while self.sent[0][0][:19] < seconds_ago(4):
            self.sent.popleft()
        return self.chunk(time, number, lines, stamps)

    def chunk(self, time, number, lines, stamps):
        data = self.chunks[stamps]
        if lines < self.count:
            data = data[: lines * self.sizes[stamps]]
        if stamps:
            data = data.replace(self.STAMP, time)
        return data.replace(self.NUMBER, b"%08d" % number)

    def object(self):
        state = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
        if self.has_ended:
            state = {"terminated": {"exitCode": 0, "reason": "Completed", "containerID": f"containerd://{self.name}"}}
        return {
            "kind": "Pod", "apiVersion": "v1",
            "metadata": {"name": self.name, "namespace": "load", "uid": f"uid-{self.name}", "resourceVersion": "1",
                         "labels": {"app": "load"}},
            "spec": {"containers": [{"name": "app", "image": "load"}]},
            "status": {"phase": "Succeeded" if self.has_ended else "Running",
                       "containerStatuses": [{"name": "app", "containerID": f"containerd://{self.name}", "restartCount": 0,
                                              "ready": True, "image": "load", "imageID": "load", "state": state}]},
        }


def now(cache={}):
    """The present time to the microsecond, the seconds' text kept."""
    seconds, micros = divmod(time.time_ns() // 1000, 1_000_000)
    if cache.get("seconds") != seconds:
        cache["text"] = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(seconds)).encode()
        cache["seconds"] = seconds
    return cache["text"] + b"%06d" % micros


def seconds_ago(count):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - count)).encode()


class LogStream:
    """An answer whose body is a pod's log, from its start or as it is written."""

    def __init__(self, pod, query, window):
        self.pod = pod
        self.window = window
        self.stamps = query.get("timestamps") == "true"
        self.number = 0
        self.sent = 0
        self.rest = b""
        self.limit = pod.options.lines
        self.rate = pod.options.rate
        self.start = time.monotonic()
        if "tailLines" in query:
            self.rest = pod.write(0, max(1, min(int(query["tailLines"]), pod.count)), self.stamps)
            self.start += 1

    def piece(self):
        """What may be sent now and whether it is the end; (None, False) where there is nothing."""
        if not self.rest and (lines := self.due()):
            self.rest = self.pod.write(self.number, lines, self.stamps)
            self.number += 1
            self.sent += lines
        data = self.rest[: min(self.window, FRAME)]
        if not data:
            return None, False
        self.rest = self.rest[len(data):]
        self.window -= len(data)
        return data, not self.rest and self.sent == self.limit

    def due(self):
        lines = min(self.pod.count, self.limit - self.sent if self.limit else self.pod.count)
        if self.rate:
            lines = min(lines, int((time.monotonic() - self.start) * self.rate) - self.sent)
        return max(0, lines)


class PastStream:
    """An answer with what was written since a second, to its end."""

    def __init__(self, pod, query, window):
        self.pod = pod
        self.window = window
        self.stamps = query.get("timestamps") == "true"
        since = query.get("sinceTime", "").rstrip("Z").encode()
        self.chunks = [sent for sent in pod.sent if sent[0][:19] >= since]
        if "tailLines" in query:
            self.chunks = self.chunks[-1:]
        self.rest = b""

    def piece(self):
        if not self.rest and self.chunks:
            self.rest = self.pod.chunk(*self.chunks.pop(0), self.stamps)
        data = self.rest[: min(self.window, FRAME)]
        self.rest = self.rest[len(data):]
        self.window -= len(data)
        is_end = not self.rest and not self.chunks
        return (data, is_end) if data or is_end else (None, False)


class Server:
    def __init__(self, options):
        self.options = options
        self.pods = {pod.name: pod for pod in (Pod(i, options) for i in range(options.pods))}
        self.watches = set()
        self.lock = threading.Lock()

    def run(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.options.certificate, self.options.key)
        context.set_alpn_protocols(["h2", "http/1.1"])
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        print(listener.getsockname()[1], flush=True)
        while True:
            raw, _ = listener.accept()
            threading.Thread(target=self.serve, args=(context, raw), daemon=True).start()

    def serve(self, context, raw):
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link = context.wrap_socket(raw, server_side=True)
            (Connection if link.selected_alpn_protocol() == "h2" else PlainConnection)(self, link).run()
        except OSError:
            pass

    def end(self, pod):
        with self.lock:
            if pod.has_ended:
                return
            pod.has_ended = True
            for watch in self.watches:
                watch.put(pod)

    def watch(self, news):
        """Has a queue get every pod that ends, and those that have ended."""
        with self.lock:
            self.watches.add(news)
            for pod in self.pods.values():
                if pod.has_ended:
                    news.put(pod)

    def forget(self, news):
        with self.lock:
            self.watches.discard(news)

    def answer(self, path, query):
        """A body for a path; None where there is none."""
        parts = path.strip("/").split("/")
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": []}
        if path == "/version":
            return {"major": "1", "minor": "30", "gitVersion": "v1.30.0"}
        if path == "/api/v1":
            return {"kind": "APIResourceList", "groupVersion": "v1", "resources": [
                {"name": "pods", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get", "list", "watch"]},
                {"name": "pods/log", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]}]}
        if parts[-1] == "pods":
            return {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"},
                    "items": [pod.object() for pod in self.pods.values()]}
        if len(parts) == 6 and parts[5] in self.pods:
            return self.pods[parts[5]].object()
        return None


def watch_event(pod):
    return json.dumps({"type": "MODIFIED", "object": pod.object()}).encode() + b"\n"


class PlainConnection:
    """A connection by HTTP/1.1, for one request: the watch of a client that has it apart from its logs."""

    def __init__(self, server, link):
        self.server = server
        self.link = link
        self.news = queue.SimpleQueue()

    def run(self):
        head = b""
        while b"\r\n\r\n" not in head:
            data = self.link.recv(65536)
            if not data:
                return
            head += data
        url = urllib.parse.urlsplit(head.split(b" ", 2)[1].decode())
        if dict(urllib.parse.parse_qsl(url.query)).get("watch") in ("true", "1"):
            self.watch()
        else:
            answer = self.server.answer(url.path, {})
            body = json.dumps(answer).encode()
            status = b"404 Not Found" if answer is None else b"200 OK"
            self.link.sendall(b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                              b"Connection: close\r\n\r\n%s" % (status, len(body), body))

    def watch(self):
        self.link.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.server.watch(self.news)
        try:
            while True:
                event = watch_event(self.news.get())
                self.link.sendall(b"%x\r\n%s\r\n" % (len(event), event))
        finally:
            self.server.forget(self.news)


class Connection:
    """One connection by HTTP/2: its frames, its windows, and whose turn it is."""

    def __init__(self, server, link):
        self.server = server
        self.link = link
        self.decoder = Decoder()
        self.input = bytearray()
        self.window = 65535
        self.initial = 65535
        self.streams = {}
        self.watches = {}
        self.news = queue.SimpleQueue()
        self.out = [frame(SETTINGS, 0, 0, struct.pack(">HI", 3, STREAMS)), frame(WINDOW, 0, 0, struct.pack(">I", 1 << 24))]
        self.pending = memoryview(b"")
        self.turn = 0

    def run(self):
        if self.link.recv(len(PREFACE)) != PREFACE:
            return
        self.link.setblocking(False)
        try:
            while self.read():
                self.tell_watches()
                is_full = self.write()
                wait = 0.005 if self.streams or self.watches else 5
                select.select([self.link], [self.link] if is_full else [], [], wait if not is_full else 1)
        finally:
            self.server.forget(self.news)

    def read(self):
        while True:
            try:
                data = self.link.recv(65536)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            if not data:
                return False
            self.input += data
        while len(self.input) >= 9:
            length = int.from_bytes(self.input[:3], "big")
            if len(self.input) < 9 + length:
                break
            kind, flags, stream = struct.unpack(">BBI", self.input[3:9])
            body = bytes(self.input[9: 9 + length])
            del self.input[: 9 + length]
            self.take(kind, flags, stream, body)
        return True

    def take(self, kind, flags, stream, body):
        if kind == SETTINGS and not flags & 1:
            for place in range(0, len(body), 6):
                key, value = struct.unpack(">HI", body[place: place + 6])
                if key == 4:
                    for log in self.streams.values():
                        log.window += value - self.initial
                    self.initial = value
            self.out.append(frame(SETTINGS, 1, 0))
        elif kind == PING and not flags & 1:
            self.out.append(frame(PING, 1, 0, body))
        elif kind == WINDOW:
            size = int.from_bytes(body, "big") & 0x7FFFFFFF
            if stream == 0:
                self.window += size
            elif stream in self.streams:
                self.streams[stream].window += size
        elif kind == RESET:
            self.streams.pop(stream, None)
            self.watches.pop(stream, None)
        elif kind == HEADERS:
            assert flags & END_HEADERS, "requests are short"
            start, end = 0, len(body)
            if flags & PADDED:
                start, end = 1, end - body[0]
            if flags & PRIORITY:
                start += 5
            self.request(stream, dict(self.decoder.decode(body[start:end])))

    def request(self, stream, fields):
        url = urllib.parse.urlsplit(fields[":path"])
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = url.path.strip("/").split("/")
        if parts[-1] == "log" and parts[-2] in self.server.pods:
            pod = self.server.pods[parts[-2]]
            self.head(stream, "text/plain")
            if query.get("follow") == "true":
                self.streams[stream] = LogStream(pod, query, self.initial)
            else:
                self.streams[stream] = PastStream(pod, query, self.initial)
        elif query.get("watch") in ("true", "1"):
            self.head(stream, "application/json")
            self.server.watch(self.news)
            self.watches[stream] = True
        else:
            answer = self.server.answer(url.path, query)
            if answer is None:
                self.head(stream, "application/json", status=404)
                answer = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404,
                          "message": f"{url.path} is not here"}
            else:
                self.head(stream, "application/json")
            data = json.dumps(answer).encode()
            for place in range(0, len(data), FRAME):
                piece = data[place: place + FRAME]
                self.window -= len(piece)
                self.out.append(frame(DATA, END_STREAM if place + FRAME >= len(data) else 0, stream, piece))

    def head(self, stream, kind, status=200):
        fields = {200: b"\x88", 404: b"\x8d"}[status] + b"\x0f\x10" + bytes([len(kind)]) + kind.encode()
        self.out.append(frame(HEADERS, END_HEADERS, stream, fields))

    def tell_watches(self):
        while not self.news.empty():
            event = watch_event(self.news.get())
            for stream in self.watches:
                self.window -= len(event)
                self.out.append(frame(DATA, 0, stream, event))

    def write(self):
        """Sends what there is; whether the connection takes no more for now."""
        while True:
            if not self.pending:
                self.fill()
                if not self.out:
                    return False
                self.pending = memoryview(b"".join(self.out))
                self.out = []
            try:
                self.pending = self.pending[self.link.send(self.pending):]
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                return True

    def fill(self):
        """One frame of each stream in its turn, until a batch is full."""
        size = 0
        numbers = list(self.streams)
        for step in range(len(numbers)):
            if size >= BATCH or self.window < FRAME:
                self.turn += step
                return
            number = numbers[(self.turn + step) % len(numbers)]
            log = self.streams[number]
            data, is_end = log.piece()
            if data is None:
                continue
            size += len(data)
            self.window -= len(data)
            self.out.append(frame(DATA, END_STREAM if is_end else 0, number, data))
            if is_end:
                del self.streams[number]
                if isinstance(log, LogStream):
                    self.server.end(log.pod)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("certificate")
    parser.add_argument("key")
    parser.add_argument("--pods", type=int, default=50)
    parser.add_argument("--lines", type=int, default=0, help="of each pod; 0 is without end")
    parser.add_argument("--rate", type=float, default=0, help="lines a second of each pod; 0 is as fast as they are read")
    parser.add_argument("--width", type=int, default=232, help="bytes of a line with its stamp")
    sys.setswitchinterval(0.001)
    Server(parser.parse_args()).run()


if __name__ == "__main__":
    main()
