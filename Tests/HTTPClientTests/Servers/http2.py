"""An HTTP/2 server over TLS whose streams stay open: http2.py PORT CERTIFICATE KEY STREAMS

/hold         one line, then nothing until the client goes
/connections  how many connections were made so far
/reset        half of what the length promises, then RST_STREAM
/goaway       an answer and a GOAWAY
/echo         what was sent
/together     80,000 bytes, in pieces between those of all other streams, when the 30th stream asks for them
              or for a while no other one does
/freeze       nothing, and nothing more on this connection, which stays
"""

import asyncio
import ssl
import sys

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset
from h2.settings import SettingCodes, Settings

connections = 0


class Server(asyncio.Protocol):
    def connection_made(self, transport):
        global connections
        connections += 1
        self.transport = transport
        self.h2 = H2Connection(H2Configuration(client_side=False))
        self.h2.local_settings = Settings(
            client=False,
            initial_values={SettingCodes.MAX_CONCURRENT_STREAMS: int(sys.argv[4])},
        )
        self.h2.initiate_connection()
        # What comes before the client has read the limit is refused one by one, as real servers do it;
        # this library would end the connection.
        self.h2.local_settings = Settings(client=False)
        self.open = set()
        self.is_frozen = False
        self.paths, self.bodies = {}, {}
        self.waiting = []
        self.flush()

    def flush(self):
        if self.is_frozen:
            return
        self.transport.write(self.h2.data_to_send())

    def data_received(self, data):
        for event in self.h2.receive_data(data):
            if isinstance(event, RequestReceived):
                if len(self.open) >= int(sys.argv[4]):
                    self.h2.reset_stream(event.stream_id, ErrorCodes.REFUSED_STREAM)
                    continue
                self.open.add(event.stream_id)
                self.paths[event.stream_id] = dict(event.headers)[b":path"].decode()
                self.bodies[event.stream_id] = b""
            elif isinstance(event, DataReceived) and event.stream_id in self.open:
                self.bodies[event.stream_id] += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamReset):
                self.open.discard(event.stream_id)
            elif isinstance(event, StreamEnded) and event.stream_id in self.open:
                self.answer(event.stream_id, self.paths.pop(event.stream_id))
        self.flush()

    def answer(self, stream, path):
        if path == "/together":
            return self.gather(stream)
        body = self.bodies.pop(stream)
        self.is_frozen = self.is_frozen or path == "/freeze"
        length = [("content-length", "10")] if path == "/reset" else []
        self.h2.send_headers(stream, [(":status", "200"), ("warning", '299 - "old"')] + length)
        if path != "/hold":
            self.open.discard(stream)
        if path == "/connections":
            body = str(connections).encode()
        elif path != "/echo":
            body = b"line\n"
        self.h2.send_data(stream, body, end_stream=path not in ("/hold", "/reset"))
        if path == "/reset":
            asyncio.get_running_loop().call_later(0.05, self.reset, stream)
        elif path == "/goaway":
            self.h2.close_connection()

    def gather(self, stream):
        self.waiting.append(stream)
        self.open.discard(stream)
        del self.bodies[stream]
        if len(self.waiting) < 30:
            asyncio.get_running_loop().call_later(1, self.send_together, len(self.waiting))
        else:
            self.send_together(30)

    def send_together(self, count):
        if len(self.waiting) != count:
            return
        for stream in self.waiting:
            self.h2.send_headers(stream, [(":status", "200")])
        for size in [14384] * 5 + [8080]:
            for stream in self.waiting:
                self.h2.send_data(stream, b"x" * size, end_stream=size == 8080)
            self.flush()
        self.waiting = []

    def reset(self, stream):
        self.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
        self.flush()


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    context.set_alpn_protocols(["h2"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", int(sys.argv[1]), ssl=context)
    await server.serve_forever()


asyncio.run(main())
