/** The record by which control planes agree on who decides. */

export interface LeaseRecord {
  /** Null: given back. */
  readonly holder: string | null;
  /** One more with every new holder: what a former one still does carries an older number. */
  readonly term: number;
  /** One more with every renewal, so that each is a change that others see. */
  readonly renewals: number;
}
