/** Settings on the command line, and which of them wins. */
import { describe, expect, it } from "vitest";
import { flagOf } from "#app/config.ts";
import { givenFlags } from "./parse-arguments.ts";
import { configOf, SETTING_FLAGS, SETTING_NAMES } from "./setting-flags.ts";

const flags = (given: Readonly<Record<string, readonly string[]>>) =>
  givenFlags(new Map(Object.entries(given)));

describe("settings on the command line", () => {
  it("each is a flag with a meaning", () => {
    const names = SETTING_FLAGS.map(({ name }) => `--${name}`);
    for (const name of SETTING_NAMES.filter((each) => each !== "dataDir")) {
      expect(names).toContain(flagOf(name));
    }
    expect(SETTING_FLAGS.filter(({ meaning }) => meaning.length < 10)).toEqual([]);
  });

  it("a flag of its own wins over --set, and both over a variable", () => {
    const environment = { BINDERY_PORT: "1", BINDERY_HOST: "::1", BINDERY_SESSIONS_MAX: "1" };
    const config = configOf(
      flags({ port: ["3"], set: ["port=2", "sessionsMax=7", "sessionIdleMs=5min"] }),
      environment,
    );
    expect(config.port).toBe(3);
    expect(config.host).toBe("::1");
    expect(config.policy.sessionsMax).toBe(7);
    expect(config.policy.sessionIdleMs).toBe(300_000);
  });

  it.each([
    ["sessionMax=3", /no such setting\. Did you mean sessionsMax\?/],
    ["=3", /no such setting\.$/],
    ["sessionsMax", /no such setting/],
    ["sessionsMax=many", /sessionsMax must be a number/],
  ])("--set %s is refused", (assignment, message) => {
    expect(() => configOf(flags({ set: [assignment] }), {})).toThrow(message);
  });
});
