/** A person's click, measured: from the submitted wish to the page, and to the first kernel's reply. */
import type { LaunchWishes } from "#client/client.ts";
import type { LaunchResult } from "#core/launch/launch.ts";
import { ask } from "./ask.ts";
import type { Bindery } from "./bindery.ts";

export interface Launched {
  readonly sessionId: string;
  readonly path: string;
  readonly token: string;
  readonly startedMs: number;
  /** Since the click: the first event, each phase when it first came, the last event. */
  readonly firstEventMs: number;
  readonly phasesMs: Readonly<Record<string, number>>;
  readonly readyMs: number;
  readonly isReused: boolean;
}

/** Errors: what the launch failed with. */
export async function launch(bindery: Bindery, wish: LaunchWishes): Promise<Launched> {
  const startedMs = performance.now();
  const since = () => performance.now() - startedMs;
  const { id } = await bindery.client.launch(wish);
  const phasesMs: Record<string, number> = {};
  let result: LaunchResult | null = null;
  let isReused = false;
  for await (const event of bindery.client.watchLaunch({ id })) {
    phasesMs[event.phase] ??= since();
    isReused ||= event.isReused === true;
    if (event.failure !== undefined) {
      const { code, message, detail } = event.failure;
      throw new Error(`the launch failed: ${code}: ${message} ${JSON.stringify(detail ?? {})}`);
    }
    result = event.result ?? result;
  }
  if (result === null) throw new Error("the launch ended without a result");
  return {
    sessionId: result.sessionId ?? "",
    path: result.path ?? "",
    token: result.token ?? "",
    startedMs,
    firstEventMs: Math.min(...Object.values(phasesMs)),
    phasesMs,
    readyMs: since(),
    isReused,
  };
}

/** GET of a page of the session through the gateway; resolves after its last byte. Errors: not 200. */
export async function openPage(
  bindery: Bindery,
  { path, token }: Pick<Launched, "path" | "token">,
  page: string,
): Promise<void> {
  const answer = await ask({
    url: `${bindery.url}${path}${page}`,
    headers: { authorization: `token ${token}`, accept: "text/html" },
  });
  if (answer.status !== 200) throw new Error(`${page} answered with ${answer.status}`);
}
