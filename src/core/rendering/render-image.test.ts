/** Dockerfiles: the order of their layers, and that nothing of a repository becomes syntax. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OPTIONS as PLANNING, planOf } from "../environment/planning-in-tests.ts";
import type { Plan } from "../environment/plan.ts";
import { assignment, comment, execForm } from "./docker-text.ts";
import type { ImageOptions } from "./image.ts";
import { renderImage } from "./render-image.ts";
import { IMAGE_OPTIONS as OPTIONS } from "./rendering-in-tests.ts";

function made(plan: Plan, options: Partial<ImageOptions> = {}) {
  const image = renderImage(plan, { ...OPTIONS, ...options });
  if (image.kind !== "made") throw new Error("the repository has its own");
  return image;
}

describe("layers", () => {
  const files = {
    "binder/apt.txt": "graphviz\njq=1.6-2\n",
    "binder/requirements.txt": "six\n-e .\n",
    "setup.py": "setup()",
    "binder/postBuild": "#!/bin/sh\n",
    "binder/start": "#!/bin/sh\n",
  };
  const { dockerfile, context } = made(planOf(files), { labels: { a: "b" }, appendix: "RUN true" });

  it("come in the order in which they change: rarely first, the content last", () => {
    const order = [
      "FROM localhost/base",
      '["groupadd"',
      '"uv==0.0.0"]',
      "inputs/server.txt",
      '"graphviz","jq=1.6-2"]',
      '"--allow-existing"',
      "/srv/inputs/requirements.txt",
      "COPY --chown=1000:1000 repository /home/jovyan",
      "/srv/inputs/local.txt",
      '["/srv/bindery/run-program","/home/jovyan/binder/postBuild"]',
      'LABEL a="b"',
      "CMD [",
      "RUN true",
    ].map((part) => dockerfile.indexOf(part));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it("give the command to the repository's start, and run as the person", () => {
    expect(dockerfile).toContain('R2D_ENTRYPOINT="/home/jovyan/binder/start"');
    expect(dockerfile.trimEnd().split("\nUSER ").at(-1)).toMatch(/^jovyan\n/);
  });

  it("are the same for another commit of the same environment, up to the content", () => {
    const other = made(planOf({ ...files, "README.md": "x" }), { labels: { a: "c" } }).dockerfile;
    const upTo = (text: string) => text.slice(0, text.indexOf("COPY --chown"));
    expect(upTo(other)).toBe(upTo(dockerfile));
  });

  it("bring every file that they copy", () => {
    const brought = new Set(context.map(({ path }) => path));
    const copied = [...dockerfile.matchAll(/(?<=\s)inputs\/[\w.-]+/g)].map(([path]) => path);
    expect(copied.filter((path) => !brought.has(path))).toEqual([]);
  });
});

describe("what a repository says", () => {
  it("is one argument of a program, whatever it is", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (words) => {
        const text = execForm(words);
        expect(text).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(JSON.parse(text)).toEqual(words);
      }),
    );
  });

  it("is one value of a variable or label, or it is not said at all", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const text = assignment("name", value);
        const inside = text === null ? "" : text.slice('name="'.length, -1);
        expect(inside.replaceAll(/\\[\\"$]/g, "")).not.toMatch(/["$\\\n\r]/);
      }),
    );
  });

  it("is a comment of one line", () => {
    expect(comment("a\nRUN b\u2028c")).toBe("# a RUN b c");
  });

  it("cannot name a variable that is none", () => {
    expect(assignment("A B", "x")).toBeNull();
    expect(assignment("A\nRUN", "x")).toBeNull();
  });

  it("is noted where it cannot be said", () => {
    const { notes, dockerfile } = made(planOf({}), { labels: { a: "x\ny", b: '"$PATH"' } });
    expect(notes).toEqual(['The label "a" cannot be said in a Dockerfile.']);
    expect(dockerfile).toContain('LABEL b="\\"\\$PATH\\""\n');
  });

  it.each([
    [{ "apt.txt": "jq\n" }, /^Debian packages .* 2024-01-31/],
    [{ "environment.yml": "dependencies: [numpy]" }, /^Conda packages .* 2024-01-31/],
  ])("says what it cannot have as on a day: %j", (files, note) => {
    const dated = { ...PLANNING, asOf: "2024-01-31" };
    expect(made(planOf(files, dated)).notes).toEqual([expect.stringMatching(note)]);
    expect(made(planOf(files)).notes).toEqual([]);
  });
});

describe("other bases", () => {
  it("bring what they have, and it is not installed again", () => {
    const plan = planOf({ "package.json": '{"dependencies":{"is-odd":"3"}}' });
    const bare = made(plan).dockerfile;
    const rich = made(plan, { baseHas: new Set(["uv", "node"] as const) }).dockerfile;
    expect(bare).toContain("library/node:22-bookworm-slim");
    expect(rich).not.toContain("library/node");
    expect(rich).not.toContain("uv==0.0.0");
  });

  it("are the repository's own where it has a Dockerfile", () => {
    const image = renderImage(planOf({ "binder/Dockerfile": "FROM x" }), OPTIONS);
    expect(image).toMatchObject({ kind: "own", path: "binder/Dockerfile" });
  });
});
