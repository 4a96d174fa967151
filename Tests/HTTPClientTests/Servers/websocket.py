"""A WebSocket server that echoes: websocket.py PORT

It speaks the subprotocols second and third, asks for a sign of life twice a second, and closes the
socket as a text of the form "close CODE REASON" says.
"""

import asyncio
import sys

import websockets


async def echo(socket, path):
    async for message in socket:
        words = message.split(" ", 2) if isinstance(message, str) else []
        if words[:1] == ["close"]:
            await socket.close(int(words[1]), words[2])
        else:
            await socket.send(message)


async def main():
    async with websockets.serve(
        echo, "127.0.0.1", int(sys.argv[1]), max_size=None, subprotocols=["second", "third"],
        ping_interval=0.5, ping_timeout=5,
    ):
        await asyncio.Future()


asyncio.run(main())
