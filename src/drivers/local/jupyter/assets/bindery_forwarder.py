"""Lets a server that can only listen on a port be reached through the session's UNIX socket."""
import asyncio
import socket
import threading

from bindery_preparation import listen_at

POLL_SECONDS = 0.02


def forward_to_free_port(socket_path):
    """Returns the port on loopback to which everything on the socket goes, once it is listened on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run():
        asyncio.run(_serve(socket_path, port))

    threading.Thread(target=run, name="forwarder", daemon=True).start()
    return port


async def _serve(socket_path, port):
    await _until_listening(port)

    async def forward(reader, writer):
        try:
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:  # The server is ending.
            writer.close()
            return
        await asyncio.gather(_pump(reader, target_writer), _pump(target_reader, writer))

    server = await asyncio.start_unix_server(forward, sock=listen_at(socket_path, 0o666))
    await server.serve_forever()


async def _until_listening(port):
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(POLL_SECONDS)
        else:
            writer.close()
            return


async def _pump(reader, writer):
    try:
        while True:
            data = await reader.read(65536)
            if not data:
                break
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # One side went away: the other is told by the close below.
    finally:
        writer.close()
