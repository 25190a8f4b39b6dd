/** docs/reference/errors.md, from the catalogue itself. */
import { ERRORS } from "#core/errors.ts";

export function renderErrors(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, fault, retriable, meaning, next }]) =>
      `| \`${code}\` | ${status} | ${fault} | ${retriable ? "yes" : "no"} | ${meaning} | ${next} |`,
  );
  return `# Errors

Made by \`npm run docs\` from \`src/core/errors.ts\`; do not edit.

Every failure has a code that never changes its meaning, names whose fault it is (the person, the
repository, the limits of this Bindery, or the platform) and what to do next. "Again" says whether the
same wish may succeed later without any change.

| code | status | fault | again | meaning | next |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}
