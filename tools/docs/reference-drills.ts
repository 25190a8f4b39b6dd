/** docs/reference/drills.md, from the schema and from the words that drills can use. */
import type { TSchema } from "@sinclair/typebox";
import {
  commonWords,
  type DrillWord,
  faultWords,
  measureWords,
  protectionWords,
} from "#app/drill-words.ts";
import { DRILL } from "#sim/drill/schema.ts";

interface Row {
  readonly key: string;
  readonly isRequired: boolean;
  readonly says: string;
  readonly meaning: string;
}

export function renderDrills(): string {
  return `# Drills

Made by \`npm run docs\` from \`src/sim/drill/\`, \`src/sim/faults/\` and \`src/core/protections.ts\`; do not
edit. How to run a drill, read what it prints and write one: [the guide](../guides/drills.md).

A drill is a file \`NAME.yaml\`. Durations are written \`90s\`, \`45m\`, \`15h30m\`; sizes \`512MiB\`, \`4GiB\`; shares
\`99.5%\`; rates \`20/h\`, \`5/min\`, \`0.5/s\`. What is not known here is an error with its line.

## The file

| key | | what it is | meaning |
|---|---|---|---|
${rowsOf(DRILL, "").map(rowText).join("\n")}

## Common criteria

They hold in every drill; \`except\` leaves one out, with a reason. Besides, the invariants (DESIGN, "Invariants")
are checked after every step of every run, and nothing excepts them.

${table(commonWords(), "criterion")}

## Faults and other events

What \`events\` can name. Those that are no faults happen in the control run, too.

${sections(faultWords())}

## Measures

What \`must\` and \`shows\` can name, with the arguments for \`of\`. Every measure is computed from the records
of the run alone; when there was nothing to measure it is "never", which meets no limit but \`is: never\`.

${sections(measureWords())}

## Protections

What \`--without\` and an ablation's \`without\` can name.

${table(protectionWords(), "protection")}
`;
}

function rowsOf(schema: TSchema, prefix: string): readonly Row[] {
  const properties = propertiesOf(schema);
  const required: unknown = schema["required"];
  const names = Array.isArray(required) ? required : [];
  return Object.entries(properties).flatMap(([name, inner]) => {
    const key = `${prefix}${name}`;
    const row = {
      key,
      isRequired: names.includes(name),
      says: textOf(inner, "says"),
      meaning: textOf(inner, "description"),
    };
    return [row, ...nestedRows(inner, key)];
  });
}

/** Of a block, of the items of a list of blocks, and of a block with names of one's own. */
function nestedRows(schema: TSchema, key: string): readonly Row[] {
  if (Object.keys(propertiesOf(schema)).length > 0) return rowsOf(schema, `${key}.`);
  const items: unknown = schema["items"];
  if (isSchema(items)) return rowsOf(items, `${key}[].`);
  const named: unknown = schema["patternProperties"];
  const [inner]: readonly unknown[] = isSchema(named) ? Object.values(named) : [];
  return isSchema(inner) ? rowsOf(inner, `${key}.NAME.`) : [];
}

function propertiesOf(schema: TSchema): Readonly<Record<string, TSchema>> {
  const properties: unknown = schema["properties"];
  return isSchema(properties) ? (properties as unknown as Readonly<Record<string, TSchema>>) : {};
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(schema: TSchema, name: "says" | "description"): string {
  const text: unknown = schema[name];
  return typeof text === "string" ? text : "";
}

function rowText({ key, isRequired, says, meaning }: Row): string {
  return `| \`${key}\` | ${isRequired ? "required" : ""} | ${cell(says)} | ${cell(meaning)} |`;
}

function table(words: readonly DrillWord[], title: string): string {
  const rows = words.map(({ name, meaning }) => `| \`${name}\` | ${cell(meaning)} |`);
  return [`| ${title} | meaning |`, "|---|---|", ...rows].join("\n");
}

function sections(words: readonly DrillWord[]): string {
  return words
    .map(({ name, meaning, arguments: taken }) =>
      [
        `- **\`${name}\`** ${meaning}`,
        ...taken.map((each) => `  - \`${each.name}\`: ${each.meaning}`),
      ].join("\n"),
    )
    .join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
