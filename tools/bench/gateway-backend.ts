/** The pretend session of the gateway's bench: 1 kB for everything, and an echo on WebSockets. */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const body = Buffer.alloc(1_024, "x");
const headers = ["Content-Type", "application/octet-stream", "Content-Length", String(body.length)];

function listen(at: string | number): Promise<number> {
  const server = createServer((_request, response) => {
    response.writeHead(200, headers).end(body);
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket) => {
    socket.on("message", (data) => socket.send(data));
  });
  return new Promise((resolve) => {
    const onListening = () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    };
    if (typeof at === "string") server.listen(at, onListening);
    else server.listen(at, "127.0.0.1", onListening);
  });
}

await listen(process.argv[2] ?? "");
const port = await listen(0);
process.send?.({ port });
