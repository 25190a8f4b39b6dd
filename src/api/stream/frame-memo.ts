/** Writes an event once for all who watch its launch, however many they are. */
import type { LaunchEvent, LaunchId } from "#core/launch/launch.ts";

export class FrameMemo {
  readonly #frames = new WeakMap<LaunchEvent, { readonly id: LaunchId; readonly frame: Buffer }>();

  /** `render` is called once per event and launch; the event object is the same for all watchers. */
  get(id: LaunchId, event: LaunchEvent, render: () => string): Buffer {
    const known = this.#frames.get(event);
    if (known !== undefined && known.id === id) return known.frame;
    const frame = Buffer.from(render());
    this.#frames.set(event, { id, frame });
    return frame;
  }
}
