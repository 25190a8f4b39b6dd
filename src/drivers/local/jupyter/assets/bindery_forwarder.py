"""Lets a server that can only listen on a port be reached through the session's UNIX socket."""
import asyncio
import os
import socket
import threading


def forward_to_free_port(socket_path):
    """Returns the port on loopback to which everything on the socket goes from now on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(socket_path)
    os.chmod(socket_path, 0o666)
    listener.listen(128)
    thread = threading.Thread(target=_run, args=(listener, port), name="forwarder", daemon=True)
    thread.start()
    return port


def _run(listener, port):
    asyncio.run(_serve(listener, port))


async def _serve(listener, port):
    async def forward(reader, writer):
        try:
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:  # Not started yet: whoever asks sees a closed connection and asks again.
            writer.close()
            return
        await asyncio.gather(_pump(reader, target_writer), _pump(target_reader, writer))

    server = await asyncio.start_unix_server(forward, sock=listener)
    await server.serve_forever()


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
