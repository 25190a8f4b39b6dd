/** The planner and the source of repositories together: whatever files name one another is read. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { planEnvironment } from "#core/environment/plan-environment.ts";
import type { Tree } from "../fixtures/git-repository.ts";
import { createRepoSourceWorld, type RepoSourceWorld } from "../fixtures/repo-source-world.ts";

let world: RepoSourceWorld;
beforeAll(async () => {
  world = await createRepoSourceWorld();
});
afterAll(() => world.close());

it.each<[string, Tree]>([
  [
    "includes in any folder",
    { "requirements.txt": "-r ci/deep/a.weird\n", "ci/deep/a.weird": "six\n" },
  ],
  ["includes of includes", { "requirements.txt": "-r a/a.x", "a/a.x": "-r ../b/b", "b/b": "six" }],
  ["a linked file", { "binder/requirements.txt": { symlink: "../conf/base" }, "conf/base": "six" }],
  ["a linked directory", { binder: { symlink: "conf" }, "conf/requirements.txt": "six" }],
  [
    "an include through a link",
    { "requirements.txt": "-r l/base", l: { symlink: "conf" }, "conf/base": "six" },
  ],
])("%s", async (name, files) => {
  const id = name.replaceAll(" ", "-");
  const repo = await world.server.repository(id);
  await repo.commit(files);
  const snapshot = await world.fetch(await world.resolve(world.repo(world.server.url(id))));
  const outcome = planEnvironment(snapshot, {
    platform: "test",
    pythons: ["3.12.1"],
    genericServer: {},
    maxConfigFileBytes: 1_000_000,
  });
  expect(outcome.kind === "refused" ? outcome.failure.message : outcome.plan.steps).toContainEqual(
    expect.objectContaining({ kind: "packages", requirements: ["six"] }),
  );
});
