/** What the programs of an image find in their environment, its labels, and how it starts. Pure. */
import type { Plan, PlanStepKind } from "../environment/plan.ts";
import { assignment, execForm } from "./docker-text.ts";
import { ENVIRONMENT, type ImageOptions, SERVER } from "./image.ts";
import { SCRIPTS } from "./image-scripts.ts";

interface Ended {
  readonly lines: readonly string[];
  /** What could not be said. */
  readonly notes: readonly string[];
}

/** Before the steps, because they need them; only what kinds of steps there are decides. */
export function variablesOf(plan: Plan, options: ImageOptions, home: string): Ended {
  const { user } = options;
  const inHome = (text: string) => text.replaceAll(/^\/home\/jovyan(?=\/|$)/g, home);
  const path = plan.path.map(inHome);
  const system = path.indexOf("/usr/local/sbin");
  const server = plan.server.kind === "generic" ? [`${SERVER}/bin`] : [];
  const isOwn = plan.steps.some(({ kind }) => kind === "nix" || kind === "dockerfile");
  const given = Object.entries(plan.environmentVariables).map(([name, value]) => [
    name,
    inHome(value),
  ]);
  const variables: Record<string, string> = {
    ...(Object.fromEntries(given) as Record<string, string>),
    ...{ USER: user.name, LOGNAME: user.name, NB_USER: user.name, NB_UID: String(user.uid) },
    HOME: `/home/${user.name}`,
    REPO_DIR: home,
    JUPYTER_PATH: `${ENVIRONMENT}/share/jupyter`,
    // Such an image has a PATH of its own.
    ...(isOwn
      ? {}
      : { PATH: [...path.slice(0, system), ...server, ...path.slice(system)].join(":") }),
    ...(plan.start === null ? {} : { R2D_ENTRYPOINT: `${home}/${plan.start}` }),
  };
  return assigned("ENV", "variable", variables);
}

export function endLayer(plan: Plan, options: ImageOptions, home: string): Ended {
  const isNix = plan.steps.some(({ kind }) => kind === "nix");
  const entry = isNix ? "nix-entrypoint" : "entrypoint";
  const labels = assigned("LABEL", "label", options.labels);
  return {
    notes: [...labels.notes, ...undated(plan)],
    lines: [
      ...(isNix ? [] : [`USER ${options.user.name}`]),
      `WORKDIR ${home}`,
      ...labels.lines,
      "EXPOSE 8888",
      `ENTRYPOINT ${execForm([`${SCRIPTS}/${entry}`])}`,
      `CMD ${execForm(["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser"])}`,
    ],
  };
}

const UNDATED: Partial<Record<PlanStepKind, string>> = {
  apt: "Debian packages",
  conda: "Conda packages",
  julia: "Packages of Julia",
};

/** What is installed in an image as it is on the day of the build, whatever day was asked for. */
function undated({ asOf, steps }: Plan): readonly string[] {
  if (asOf === null) return [];
  return steps.flatMap((step) => {
    const isLocked = step.kind === "conda" && step.format !== "environment";
    const what = isLocked ? undefined : UNDATED[step.kind];
    if (what === undefined) return [];
    return [`${what} will be those of the day of the build, not of ${asOf}: commit a lock.`];
  });
}

function assigned(word: string, what: string, pairs: Readonly<Record<string, string>>): Ended {
  const notes: string[] = [];
  const texts = Object.entries(pairs).flatMap(([name, value]) => {
    const text = assignment(name, value);
    if (text === null)
      notes.push(`The ${what} ${JSON.stringify(name)} cannot be said in a Dockerfile.`);
    return text === null ? [] : [text];
  });
  return { notes, lines: texts.length === 0 ? [] : [`${word} ${texts.join(" \\\n    ")}`] };
}
