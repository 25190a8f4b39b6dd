/** Pods go where the real scheduler would put them. */
import { describe, expect, it } from "vitest";
import { type Pod, PretendNode } from "./node.ts";
import { chooseNode } from "./scheduler.ts";

const TRAITS = {
  ...{ seats: 4, isReady: true, podNet: true, dns: true },
  ...{ registry: true, hasScratchDisk: true },
};

function node(name: string, sessions: number, placeholders = 0): PretendNode {
  const made = new PretendNode(name, 0, TRAITS);
  made.sessions = sessions;
  made.placeholders = placeholders;
  return made;
}

function pod(role: Pod["role"], avoidNodes: readonly string[] = []): Pod {
  return {
    ...{ name: "p", role, createdAtMs: 0, image: null, launch: null, avoidNodes },
    ...{ changed: () => undefined, node: null, step: "placing", cancelStep: null },
  };
}

function barred(name: string): PretendNode {
  const made = node(name, 0);
  made.bars.add("quarantined");
  return made;
}

describe("chooseNode", () => {
  it.each([
    ["spreads to the emptiest", [node("a", 3), node("b", 1)], pod("session"), "spread", "b"],
    ["packs onto the fullest", [node("a", 3), node("b", 1)], pod("session"), "pack", "a"],
    ["packs no fuller than full", [node("a", 4), node("b", 1)], pod("session"), "pack", "b"],
    ["takes no barred node", [barred("a"), node("b", 3)], pod("session"), "spread", "b"],
    ["waits when all are full", [node("a", 4), node("b", 4)], pod("session"), "spread", null],
    ["avoids", [node("a", 0), node("b", 3)], pod("session", ["a"]), "spread", "b"],
    [
      "avoids only while it can",
      [node("a", 0), node("b", 4)],
      pod("session", ["a"]),
      "spread",
      "a",
    ],
    ["prefers a free seat", [node("a", 0, 4), node("b", 3)], pod("session"), "spread", "b"],
    ["takes a placeholder's seat", [node("a", 0, 4)], pod("session"), "spread", "a"],
    ["gives placeholders free seats only", [node("a", 0, 4)], pod("placeholder"), "spread", null],
    ["has room for our own parts", [node("a", 4)], pod("core"), "spread", "a"],
  ] as const)("%s", (_, nodes, which, spreading, expected) => {
    expect(chooseNode(which, nodes, spreading)?.name ?? null).toBe(expected);
  });
});
