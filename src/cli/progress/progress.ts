/** How a command shows what it waits for: on a screen, in a file, or to a program. */
import type { LaunchEvent } from "#core/launch/launch.ts";

export interface Progress {
  /** A step of our own, outside any launch: what is installed, who is waited for. */
  step(line: string): void;
  event(event: LaunchEvent): void;
  /** All went well and nothing more comes; what was shown stays. Harmless when repeated. */
  end(): void;
  /** Nothing more comes, since what went on was broken off. Harmless after either end. */
  breakOff(): void;
}
