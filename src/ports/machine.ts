/** What the machine has left; the brakes of builds and the warm pool look at it. */

export interface Machine {
  freeMemoryBytes(): Promise<number>;
  /** Of the file system that holds the data directory. */
  freeDiskBytes(): Promise<number>;
}
