/** Whatever a repository holds, the planner answers with a plan or a typed failure. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filesWanted, planEnvironment } from "./plan-environment.ts";
import { OTHER_FILES, OWN_FILES } from "./other-files.ts";
import { OPTIONS, planOf, snapshotOf } from "./planning-in-tests.ts";
import { SNIPPETS } from "./snippets-in-tests.ts";

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
    ...[...OWN_FILES, ...OTHER_FILES.map((file) => file.name)],
    ..."a.txt sub/setup.py src/p/__init__.py pixi.lock package-lock.json x.whl".split(" "),
  );
  const path = fc
    .tuple(fc.constantFrom("", "", "binder/", ".binder/"), name)
    .map((parts) => parts.join(""));
  const snippet = fc.constantFrom(...SNIPPETS);
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

  test("the key does not depend on the order of the files", () => {
    fc.assert(
      fc.property(files, fc.infiniteStream(fc.nat()), (repo, numbers) => {
        const snapshot = snapshotOf(repo);
        const shuffled = snapshot.files
          .map((file) => ({ file, rank: numbers.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ file }) => file);
        const outcome = planEnvironment({ ...snapshot, files: shuffled }, OPTIONS);
        expect(outcome).toEqual(planEnvironment(snapshot, OPTIONS));
      }),
      { numRuns: 300 },
    );
  });
});
