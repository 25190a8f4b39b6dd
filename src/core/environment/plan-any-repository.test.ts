/** Whatever a repository holds, the planner answers with a plan or a typed failure. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filesWanted, planEnvironment } from "./plan-environment.ts";
import { OPTIONS, planOf, snapshotOf } from "./planning-in-tests.ts";

describe("for any input", () => {
  const requirement = fc
    .tuple(
      fc.constantFrom("numpy", "six", "Attrs", "jupyter_core", "a.b"),
      fc.constantFrom("", ">=1", "==2.*", "<3,>1", "~=1.2"),
      fc.constantFrom("", " ; os_name == 'posix'", " # why"),
    )
    .map((parts) => parts.join(""));

  test("the key depends neither on the order of lines nor on comments and line ends", () => {
    fc.assert(
      fc.property(
        fc
          .array(requirement, { maxLength: 8 })
          .chain((lines) =>
            fc.tuple(
              fc.constant(lines),
              fc.shuffledSubarray(lines, { minLength: lines.length, maxLength: lines.length }),
              fc.constantFrom("\n", "\r\n", "\n# comment\n", "\n\n"),
            ),
          ),
        ([lines, shuffled, end]) => {
          const first = planOf({ "requirements.txt": lines.join("\n") });
          const second = planOf({ "requirements.txt": shuffled.join(end) + end });
          expect(second.key).toBe(first.key);
        },
      ),
    );
  });

  const name = fc.constantFrom(
    ..."requirements.txt runtime.txt .python-version pyproject.toml uv.lock setup.py setup.cfg apt.txt postBuild start a.txt environment.yml sub/setup.py Dockerfile".split(
      " ",
    ),
  );
  const path = fc
    .tuple(fc.constantFrom("", "binder/", ".binder/"), name)
    .map((parts) => parts.join(""));
  const snippet = fc.constantFrom(
    "-r a.txt",
    "-c a.txt",
    "-e .",
    "-e ./sub[x]",
    "numpy>=1",
    "python-3.12",
    "[project]",
    "dependencies = ['six']",
    "requires-python='>=3.9'",
    "[build-system]",
    "\\",
    "#",
    "@",
    "@../a.txt",
    "@a.txt",
    "git+https://example.org/x",
    "--pre",
    "--hash=sha256:aa",
  );
  const text = fc.oneof(
    fc.constant(null),
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(snippet, fc.string()), { maxLength: 6 }).map((lines) => lines.join("\n")),
  );
  const files = fc.dictionary(path, text, { maxKeys: 6, noNullPrototype: true });

  test("there is a plan or a typed failure, always the same one", () => {
    fc.assert(
      fc.property(files, (repo) => {
        const outcome = planEnvironment(snapshotOf(repo), OPTIONS);
        expect(planEnvironment(snapshotOf(repo), OPTIONS)).toEqual(outcome);
        const word = outcome.kind === "planned" ? outcome.plan.key : outcome.failure.code;
        expect(word).toMatch(/^([0-9a-f]{64}$|config-|python-)/);
      }),
      { numRuns: 500 },
    );
  });

  test("reading what the planner asks for, until it asks for nothing, gives the same outcome", () => {
    fc.assert(
      fc.property(files, (repo) => {
        const whole = snapshotOf(repo);
        const contents = new Map<string, string | null>();
        for (let round = 0; ; round++) {
          const wanted = filesWanted({ ...whole, contents }, OPTIONS);
          if (wanted.length === 0) break;
          expect(round).toBeLessThan(60);
          for (const path of wanted) {
            expect(contents.has(path)).toBe(false);
            contents.set(path, whole.contents.get(path) ?? null);
          }
        }
        expect(planEnvironment({ ...whole, contents }, OPTIONS)).toEqual(
          planEnvironment(whole, OPTIONS),
        );
      }),
      { numRuns: 500 },
    );
  });
});
