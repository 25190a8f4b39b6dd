/** Who has a port, asked of the real kernel. */
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { describePortOwner, freePort, isFree, listeningInodes, portOwner } from "./port-owner.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
});

async function listen(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("who has a port", () => {
  it.each(["127.0.0.1", "::1", "0.0.0.0"])("is known by name on %s", async (host) => {
    const port = await listen(host);
    expect(portOwner(port)).toEqual({ pid: process.pid, name: "node" });
    expect(await isFree(host, port)).toBe(false);
  });

  it("is said together with a port that is free", async () => {
    const port = await listen("127.0.0.1");
    const said = await describePortOwner(port);
    expect(said).toMatch(`Port ${port} is in use by `);
    expect(said).toMatch(`(process ${process.pid})`);
    const free = Number(/--port (\d+)/.exec(said)?.[1]);
    expect(await isFree("127.0.0.1", free)).toBe(true);
  });

  it("is nobody when nobody listens, and the first free port is taken", async () => {
    const port = await listen("127.0.0.1");
    expect(await freePort("127.0.0.1", port)).toBeGreaterThan(port);
    expect(await freePort("127.0.0.1", 65_536)).toBeNull();
    await new Promise((done) => servers.splice(0)[0]?.close(done));
    expect(portOwner(port)).toBeNull();
  });

  it("connections and other ports of the kernel's table do not count", () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2189 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
   1: 0100007F:2189 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1
   2: 0100007F:218A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1
`;
    expect(listeningInodes(table, 0x2189)).toEqual(["4711"]);
    expect(listeningInodes("", 0x2189)).toEqual([]);
  });
});
