/** Becomes the gateway or the control plane; each loads only what is its own. */
import { runChild } from "#app/child.ts";

/** `role` is a word that only the supervisor gives. */
export async function runRole(role: string): Promise<void> {
  if (role === "gateway") {
    const { main } = await import("#app/gateway-process.ts");
    runChild(role, main);
  } else if (role === "control") {
    const { main } = await import("#app/control-process.ts");
    runChild(role, main);
  } else throw new Error(`there is no role ${JSON.stringify(role)}`);
}
