/** Who leads: one small record that many can read and one at a time can change. */
import type { LeaseRecord } from "#core/leadership/lease.ts";

export interface VersionedLease {
  readonly record: LeaseRecord;
  /** Changes with every write, and is never used twice. */
  readonly version: string;
}

export interface LeaseStore {
  /** Null: it was never written. Rejects when the store does not answer. */
  get(): Promise<VersionedLease | null>;
  /**
   * Writes when the version is still this one (null: when there is none) and says the new version;
   * null: another wrote first. A rejection leaves open whether it was written.
   */
  update(record: LeaseRecord, version: string | null): Promise<string | null>;
}
