/** What is said of mistakes in a drill's file. */
import { describe, expect, it } from "vitest";
import { parseDrill } from "./parse-drill.ts";

const HEAD = `drill: mine
title: Mine
incident: null
story: Something happens.
starts: 2018-01-17T18:00:00-08:00
lasts: 2h
`;

function complaintsOf(rest: string): readonly string[] {
  const result = parseDrill({ name: "mine", text: HEAD + rest }, () => null);
  return result.kind === "drill"
    ? []
    : result.complaints.map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

describe("a mistake in a drill's file", () => {
  it.each<[string, string, string]>([
    ["an unknown key", "wrold: {}\n", "mine.yaml:7: wrold is not known here. Did you mean world?"],
    [
      "an unknown key inside",
      "world:\n  cluster:\n    nods: 3\n",
      "mine.yaml:9: world.cluster.nods is not known here. Did you mean nodes?",
    ],
    [
      "a number without its unit",
      "world:\n  cluster: { nodeBoot: 4 }\n",
      "mine.yaml:8: world.cluster.nodeBoot should be a duration such as 90s, 45m or 15h30m, not 4.",
    ],
    [
      "a word among a few",
      "world:\n  cluster: { scheduler: sperad }\n",
      'mine.yaml:8: world.cluster.scheduler should be one of spread, pack, not "sperad".',
    ],
    [
      "an unknown fault",
      "events:\n  - { at: 1h, fault: culer.hang }\n",
      'mine.yaml:8: The fault "culer.hang" is not known. Did you mean culler.hang?',
    ],
    [
      "an unknown argument of a fault",
      "events:\n  - at: 1h\n    fault: edge.wedge\n    with: { cuont: 2 }\n",
      'mine.yaml:10: edge.wedge: the argument "cuont" is not known. Did you mean count?',
    ],
    [
      "an argument of the wrong type",
      "events:\n  - { at: 1h, fault: node.podNet, with: { state: broken } }\n",
      'mine.yaml:8: events[1].with.state should be one of down, up, not "broken".',
    ],
    [
      "a missing argument",
      "events:\n  - { at: 1h, fault: upstream.missing }\n",
      "mine.yaml:8: upstream.missing needs the argument host: The host.",
    ],
    [
      "an event after the end",
      "events:\n  - { at: 3h, fault: culler.hang }\n",
      "mine.yaml:8: culler.hang comes at 3h, after the end of the drill.",
    ],
    [
      "an unknown measure",
      "must:\n  - { measure: refusal, is: 0 }\n",
      'mine.yaml:8: The measure "refusal" is not known. Did you mean refusals?',
    ],
    [
      "a limit of the wrong unit",
      "must:\n  - { measure: first-try-success, atLeast: 0.99 }\n",
      "mine.yaml:8: must[1].atLeast should be a share such as 99.5%, not 0.99.",
    ],
    [
      "no limit",
      "must:\n  - { measure: refusals }\n",
      'mine.yaml:8: "refusals" has no limit: give atLeast, atMost or is.',
    ],
    [
      "a missing key",
      "must:\n  - { atMost: 3 }\n",
      "mine.yaml:8: must[1].measure is missing: What is measured: `bindery drill --measures`.",
    ],
    [
      "an unknown policy value",
      "policy: { sessionIdle: 10m }\n",
      'mine.yaml:7: The policy value "sessionIdle" is not known. Did you mean sessionIdleMs?',
    ],
    [
      "a policy value without its unit",
      "policy: { sessionIdleMs: 600000 }\n",
      "mine.yaml:7: policy.sessionIdleMs should be a duration such as 90s or 45m, or unlimited, not 600000.",
    ],
    [
      "an unknown protection",
      "ablations:\n  - { name: x, without: [loop-lease] }\n",
      'mine.yaml:8: The protection "loop-lease" is not known. Did you mean loop-leases?',
    ],
    [
      "an ablation that fails what is not asked",
      "ablations:\n  - { name: x, without: all, fails: [Q] }\n",
      'mine.yaml:8: The criterion "Q" is not known.',
    ],
    [
      "an ablation that leaves nothing out",
      "ablations:\n  - { name: x }\n",
      'mine.yaml:8: The ablation "x" leaves nothing out.',
    ],
    [
      "an unknown letter",
      "except: { X: because }\n",
      "mine.yaml:7: except.X is not known here. Known are: D, M, S, H, A, C, R.",
    ],
    [
      "shares that are not all",
      "people:\n  arrivals:\n    - { rate: [[0h, 1/h]], repos: { a: 60% } }\n",
      "mine.yaml:9: The shares of the repositories add up to 60%, not to 100%.",
    ],
    [
      "both a rate and a burst",
      "people:\n  arrivals:\n    - { rate: [[0h, 1/h]], burst: 3 at 1h, repos: a }\n",
      "mine.yaml:9: People come either at a rate or in a burst: give one of the two.",
    ],
    [
      "a burst that is counted twice",
      "people:\n  arrivals:\n    - { burst: 3 at 1h, counted: 1h, repos: a }\n",
      "mine.yaml:9: A burst is counted anyway.",
    ],
    [
      "people who are counted in no time",
      "people:\n  arrivals:\n    - { rate: [[0h, 1/h]], counted: 0s, repos: a }\n",
      "mine.yaml:9: People are counted per span of time.",
    ],
    [
      "a burst in other words",
      "people:\n  arrivals:\n    - { burst: soon, repos: a }\n",
      'mine.yaml:9: people.arrivals[1].burst should be a burst such as `110 within 60s at 10m`, not "soon".',
    ],
    [
      "more nodes than may be",
      "world: { cluster: { nodes: 4, nodesMax: 3 } }\n",
      "mine.yaml:7: world.cluster.nodesMax is less than the nodes at the start.",
    ],
    [
      "two criteria of one name",
      "must:\n  - { measure: refusals, is: 0 }\n  - { measure: refusals, atMost: 1 }\n",
      'mine.yaml:7: Two criteria are called "refusals".',
    ],
    [
      "a base that is not there",
      "basedOn: nothing\n",
      'mine.yaml:7: There is no drill "nothing" on which this one could be based.',
    ],
    ["a key twice", "lasts: 3h\n", "mine.yaml:7: This is no YAML: Map keys must be unique"],
    [
      "no YAML",
      "must: [\n",
      "mine.yaml:8: This is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
  ])("%s", (_, rest, expected) => {
    expect(complaintsOf(rest)).toEqual([expected]);
  });

  it("is named with the file in which it stands", () => {
    const base = HEAD.replace("mine", "base") + "must:\n  - { measure: nonsense, is: 0 }\n";
    const result = parseDrill({ name: "child", text: "drill: child\nbasedOn: base\n" }, () => base);
    expect(result).toMatchObject({ kind: "invalid", complaints: [{ file: "base.yaml", line: 8 }] });
  });

  it("is the name of another file", () => {
    expect(parseDrill({ name: "other", text: HEAD }, () => null)).toMatchObject({
      complaints: [
        {
          file: "other.yaml",
          line: 1,
          message: 'drill is "mine", but the file is called other.yaml.',
        },
      ],
    });
  });

  it("is an empty file", () => {
    expect(parseDrill({ name: "mine", text: "" }, () => null)).toMatchObject({
      complaints: [{ message: "A drill is a block of keys." }],
    });
  });
});
