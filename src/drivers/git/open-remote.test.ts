/** Git is tied to the addresses that were checked, and to none else. */
import { describe, expect, it } from "vitest";
import { openRemote } from "./open-remote.ts";

const SERVED = { allowPrivateHosts: false, allowLocalRepos: false };
const OWN_MACHINE = { allowPrivateHosts: true, allowLocalRepos: true };
const addresses =
  (...all: string[]) =>
  () =>
    Promise.resolve(all.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));

describe("openRemote for strangers", () => {
  it("ties https to the addresses and follows no redirect", async () => {
    const lookup = addresses("140.82.121.3", "2606:4700::1111");
    const remote = await openRemote("https://Example.org/r", SERVED, lookup);
    expect(remote.url).toBe("https://example.org/r");
    expect(remote.config).toEqual([
      "http.followRedirects=false",
      "http.curloptResolve=example.org:443:140.82.121.3,[2606:4700::1111]",
    ]);
  });

  it("ties another port too", async () => {
    const remote = await openRemote("http://example.org:8080/r", SERVED, addresses("1.1.1.1"));
    expect(remote.config).toContain("http.curloptResolve=example.org:8080:1.1.1.1");
  });

  it("ties ssh, and keeps the name under which the host's key is known", async () => {
    const remote = await openRemote("git@example.org:o/r.git", SERVED, addresses("1.1.1.1"));
    expect(remote.url).toBe("git@example.org:o/r.git");
    expect(remote.env["GIT_SSH_COMMAND"]).toContain("HostName=1.1.1.1");
    expect(remote.env["GIT_SSH_COMMAND"]).toContain("HostKeyAlias=example.org");
  });

  it("ties git://", async () => {
    const remote = await openRemote("git://example.org/r", SERVED, addresses("1.1.1.1"));
    expect(remote.url).toBe("git://1.1.1.1/r");
  });

  it.each([
    ["a name that leads to loopback", "https://rebind.example.org/r", ["127.0.0.1"]],
    ["a name that leads to metadata", "https://rebind.example.org/r", ["169.254.169.254"]],
    ["a name of which one address is private", "https://x.example.org/r", ["1.1.1.1", "::1"]],
    ["an address in disguise", "http://0x7f.1/r", ["1.1.1.1"]],
    ["a folder", "file:///srv/r", []],
  ])("refuses %s", async (_what, url, found) => {
    await expect(openRemote(url, SERVED, addresses(...found))).rejects.toMatchObject({
      failure: { code: "host-refused" },
    });
  });

  it("says when the name has no address", async () => {
    const lookup = () => Promise.reject(new Error("ENOTFOUND"));
    await expect(openRemote("https://no.example.org/r", SERVED, lookup)).rejects.toMatchObject({
      failure: { code: "repo-unreachable", message: expect.stringContaining("no.example.org") },
    });
  });
});

describe("openRemote on one's own machine", () => {
  it("looks nothing up and lets Git follow the first redirect", async () => {
    const lookup = () => Promise.reject(new Error("must not be asked"));
    const remote = await openRemote("http://localhost:3000/r", OWN_MACHINE, lookup);
    expect(remote).toMatchObject({ url: "http://localhost:3000/r", pinned: null });
    expect(remote.config).toEqual(["http.followRedirects=initial"]);
  });
});
