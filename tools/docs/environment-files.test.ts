/** The reference names every configuration file that the planner knows, once. */
import { expect, it } from "vitest";
import { OTHER_FILES, OWN_FILES } from "#core/environment/other-files.ts";
import { FILE_GROUPS } from "./environment-files.ts";

it("has a row for every file that is known", () => {
  const rows = FILE_GROUPS.flatMap(({ rows }) => rows.flatMap(({ names }) => names));
  const known = [...OWN_FILES, ...OTHER_FILES.map(({ name }) => name)];
  expect(rows.toSorted()).toEqual([...new Set(known)].toSorted());
});
