/** Where a deployment for strangers may fetch from. */
import { describe, expect, it } from "vitest";
import { parseGitUrl } from "./git-url.ts";
import { judgeAddresses, judgeUrl } from "./host-policy.ts";

const SERVED = { allowPrivateHosts: false, allowLocalRepos: false };
const OWN_MACHINE = { allowPrivateHosts: true, allowLocalRepos: true };

describe("judgeUrl for strangers", () => {
  it.each([
    "https://github.com/o/n",
    "https://192.0.2.7/r",
    "https://140.82.121.3/r",
    "http://[2606:4700::1111]/r",
    "ssh://git@example.org/r",
    "git@example.org:o/r",
    "git://example.org/r",
  ])("has %s looked up", (text) => {
    expect(judgeUrl(parseGitUrl(text), SERVED).kind).toBe("look-up");
  });

  it.each([
    "http://localhost/r",
    "http://localhost:3000/r",
    "http://LOCALHOST./r",
    "http://x.localhost/r",
    "http://127.0.0.1/r",
    "http://0x7f.1/r",
    "http://0x7f.0.0.0x1/r",
    "http://2130706433/r",
    "http://017700000001/r",
    "http://127.1/r",
    "http://0/r",
    "http://10.0.0.1/r",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/r",
    "http://[::ffff:127.0.0.1]/r",
    "http://[::ffff:7f00:1]/r",
    "http://[64:ff9b::7f00:1]/r",
    "http://[fd00::1]/r",
    "http://1.2.3.4.5/r",
    "http://256.256.256.256/r",
    "http://0x7f.0x0.0x0.0x100/r",
    "http://metadata.google.internal/r",
    "http://printer.local/r",
    "http://intranet/r",
    "ssh://git@localhost/r",
    "git@localhost:r",
    "git@127.0.0.1:r",
    "git@[::1]:r",
    "git://127.0.0.1/r",
    "file:///etc",
    "ext::sh -c id",
    "https://user:pass@example.org/r",
  ])("refuses %s", (text) => {
    const judgement = judgeUrl(parseGitUrl(text), SERVED);
    expect(judgement).toMatchObject({ kind: "refused", failure: { code: "host-refused" } });
  });
});

describe("judgeUrl on one's own machine", () => {
  it.each(["http://localhost:3000/r", "http://10.0.0.1/r", "file:///srv/r", "git@host.local:r"])(
    "allows %s",
    (text) => {
      expect(judgeUrl(parseGitUrl(text), OWN_MACHINE).kind).toBe("allowed");
    },
  );
});

describe("judgeAddresses", () => {
  it("allows public addresses", () => {
    expect(judgeAddresses("example.org", ["140.82.121.3", "2606:4700::1111"])).toBe(null);
  });

  it("refuses a name of which one address is private", () => {
    const refused = judgeAddresses("rebind.example", ["140.82.121.3", "127.0.0.1"]);
    expect(refused?.code).toBe("host-refused");
    expect(refused?.message).toContain("rebind.example");
  });
});
