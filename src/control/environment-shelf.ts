/** The environments that exist, for people: shown, downloaded as locks, pruned when there are many. */
import type { BuildView } from "#core/build/build.ts";
import { decidePruning } from "#core/environment/decide-pruning.ts";
import type { Environment, EnvironmentKey } from "#core/environment/environment.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { Log } from "#ports/log.ts";
import type { Builds } from "./builds.ts";
import type { Environments } from "./control-plane-api.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface EnvironmentShelfDeps {
  readonly builder: EnvironmentBuilder;
  readonly builds: Builds;
  readonly registry: SessionRegistry;
  readonly log: Log;
  /** Environments that launches stand on and that no session shows yet. */
  readonly wanted: () => readonly EnvironmentKey[];
}

export class EnvironmentShelf implements Environments {
  readonly #deps: EnvironmentShelfDeps;

  constructor(deps: EnvironmentShelfDeps) {
    this.#deps = deps;
  }

  builds(): readonly BuildView[] {
    return this.#deps.builds.view();
  }

  async list(): Promise<readonly Environment[]> {
    return await this.#deps.builder.list();
  }

  async get(key: EnvironmentKey): Promise<Environment | null> {
    return await this.#deps.builder.inspect(key);
  }

  async lock(key: EnvironmentKey): Promise<string | null> {
    return await this.#deps.builder.lock(key);
  }

  async buildLog(key: EnvironmentKey): Promise<string | null> {
    return await this.#deps.builder.log(key);
  }

  async prune(bytesMax: number): ReturnType<Environments["prune"]> {
    const { builder, log } = this.#deps;
    const environments = await builder.list();
    const removed: EnvironmentKey[] = [];
    let freedBytes = 0;
    for (const environment of decidePruning(environments, this.#inUse(), bytesMax)) {
      // Asked again each time: a launch may have come to stand on it meanwhile.
      if (this.#inUse().has(environment.key)) continue;
      await builder.remove(environment.key);
      removed.push(environment.key);
      freedBytes += environment.sizeBytes;
      log.info("an environment is pruned", { key: environment.key, bytes: environment.sizeBytes });
    }
    return { removed, freedBytes };
  }

  #inUse(): ReadonlySet<EnvironmentKey> {
    const keys = new Set(this.#deps.wanted());
    for (const { record } of this.#deps.registry.list()) {
      if (record.purpose !== null) keys.add(record.purpose.environmentKey);
    }
    return keys;
  }
}
