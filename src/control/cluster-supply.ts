/** What the machines can hold, as the seats have to know it. */
import type { SeatSupply } from "#core/admission/estimate-wait.ts";

/** What the machines can hold, as `capacity.ts` saw it last. */
export interface ClusterSupply {
  /** People at most, machines that can still be made included. */
  readonly peopleMax: number;
  /** People at most on the machines that are there; Infinity: people need not wait for machines. */
  readonly peopleNow: number;
  /** Machines that count as no capacity; the sessions on them count against nobody. */
  readonly barred: readonly string[];
  readonly coming: SeatSupply["coming"];
}

/** Who does not know what there is gives nothing away. */
export const NOTHING_KNOWN: ClusterSupply = { peopleMax: 0, peopleNow: 0, barred: [], coming: [] };
