/** Asks `/build` as BinderHub's clients do, and takes the answer apart. */
import { type ApiUnderTest, apiUnderTest } from "../../fixtures/api-under-test.ts";
import { eventsOf, framesOf } from "../../fixtures/event-frames.ts";
import { readySteps } from "../../fixtures/scripted-control-plane.ts";

const SSE = { accept: "text/event-stream" };

export async function build(
  world: ApiUnderTest,
  path: string,
  headers: Record<string, string> = {},
) {
  const response = await world.api.inject({
    url: `/build/${path}`,
    headers: { host: "binder.example", ...SSE, ...headers },
  });
  return { response, events: eventsOf(response.body), frames: framesOf(response.body) };
}

/** Every launch goes straight to its end. */
export function readyWorld(options: Parameters<typeof apiUnderTest>[0] = {}): ApiUnderTest {
  const world = apiUnderTest(options);
  world.controlPlane.onSubmit = ({ id }) =>
    world.controlPlane.play(id, readySteps("session-1", "the-token"));
  return world;
}

export async function buildToken(world: ApiUnderTest, spec: string): Promise<string> {
  const page = await world.api.inject({ url: `/v2/${spec}`, headers: { host: "binder.example" } });
  return String(pageConfig(page.body)["buildToken"]);
}

export function pageConfig(html: string): Record<string, unknown> {
  const script = /<script nonce="[^"]+">window\.pageConfig = (.*);<\/script>/.exec(html);
  return JSON.parse(script?.[1] ?? "null");
}
