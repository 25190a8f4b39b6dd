/** Python packages into what conda has made, where code may run: asking its Python runs what a channel has brought. */
import { INSIDE } from "./build-places.ts";
import { untrustedRequest } from "./build-request.ts";
import {
  failed,
  type Installation,
  type Installed,
  PYTHON,
  sharedOptions,
  untrustedNetwork,
  writeInputs,
} from "./install-packages.ts";
import { needsContent } from "./prepare-build.ts";

/** Kernels find what activating the environment would have set. What goes wrong there is in the log only. */
export async function noteActivation({ ground, log, name, runner }: Installation): Promise<void> {
  const request = untrustedRequest(ground, {
    name: `${name}-activate`,
    command: [
      ...[ground.python.path, "-I", "-S", "-B", `${INSIDE.programs}/activate.py`],
      INSIDE.environment,
    ],
    network: "none",
    environment: "read-write",
    hasHome: false,
  });
  const outcome = await runner.run("activate", request);
  if (outcome.exitCode !== 0) log.say("The environment could not be activated.");
}

/** What is there already is left as it is where it will do. Throws the failure of the step. */
export async function installIntoConda(installation: Installation): Promise<Installed> {
  const { ground, inputs, name, plan, runner } = installation;
  await writeInputs(installation);
  if (inputs.requirements.length + inputs.local.length === 0) return { isLinked: false };
  const outcome = await runner.run(
    "packages",
    untrustedRequest(ground, {
      name: `${name}-pip`,
      command: [
        ...[INSIDE.uv, "pip", "install", `--python=${PYTHON}`, "--break-system-packages"],
        `--requirements=${INSIDE.inputs}/requirements.txt`,
        ...(inputs.local.length > 0 ? [`--requirements=${INSIDE.inputs}/local.txt`] : []),
        ...sharedOptions(installation),
      ],
      network: untrustedNetwork(ground),
      environment: "read-write",
      hasHome: needsContent(plan),
    }),
  );
  if (outcome.exitCode !== 0) throw failed(installation, "packages", outcome);
  return { isLinked: false };
}
