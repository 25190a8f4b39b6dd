/** Many connections at once, and few lookups. */
import { describe, expect, it } from "vitest";
import { NameLookups } from "./name-lookups.ts";

function lookups() {
  const asked: string[] = [];
  const answers = new Map<string, PromiseWithResolvers<readonly string[]>>();
  const names = new NameLookups(
    (host) => {
      asked.push(host);
      const answer = Promise.withResolvers<readonly string[]>();
      answers.set(host, answer);
      return answer.promise;
    },
    { resolvesMax: 2, waitingMax: 3 },
  );
  const settle = async (host: string): Promise<void> => {
    answers.get(host)?.resolve([`of ${host}`]);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { asked, answers, names, settle };
}

describe("names", () => {
  it("are asked for once, however many want one of them, and anew later", async () => {
    const { asked, names, settle } = lookups();
    const all = Array.from({ length: 50 }, () => names.addressesOf("a"));
    expect(asked).toEqual(["a"]);
    await settle("a");
    expect(new Set((await Promise.all(all)).flat())).toEqual(new Set(["of a"]));
    void names.addressesOf("a");
    expect(asked).toEqual(["a", "a"]);
  });

  it("wait when many are asked for, in their order, and the last have no addresses", async () => {
    const { asked, names, settle } = lookups();
    const all = "abcdef".split("").map((host) => names.addressesOf(host));
    expect(asked).toEqual(["a", "b"]);
    expect(await all[5]).toEqual([]);
    for (const host of "abcde") await settle(host);
    expect(asked).toEqual(["a", "b", "c", "d", "e"]);
    expect((await Promise.all(all)).flat()).toEqual("abcde".split("").map((host) => `of ${host}`));
  });

  it("that cannot be found leave their place to others", async () => {
    const { answers, asked, names } = lookups();
    const [first] = "abc".split("").map((host) => names.addressesOf(host));
    answers.get("a")?.reject(new Error("unknown"));
    await expect(first).rejects.toThrow("unknown");
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual(["a", "b", "c"]);
  });
});
