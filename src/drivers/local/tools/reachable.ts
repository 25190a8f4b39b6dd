/** Whether another user could read a path, judged by owners and modes alone. */
import { stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Why the user `userId`, without groups, cannot use the program or directory at `path`; null when
 * nothing is in the way. Symbolic links must have been resolved.
 */
export async function whyUnreachable(path: string, userId: number): Promise<string | null> {
  const problem = await closedTo(path, userId, 0o5);
  if (problem !== null) return problem;
  let directory = dirname(path);
  for (;;) {
    const closed = await closedTo(directory, userId, 0o1);
    if (closed !== null) return closed;
    const parent = dirname(directory);
    if (parent === directory) return null;
    directory = parent;
  }
}

async function closedTo(path: string, userId: number, wanted: number): Promise<string | null> {
  const stats = await stat(path).catch(() => null);
  if (stats === null) return `${path} is not there`;
  if (userId === 0) return null;
  const granted = stats.uid === userId ? (stats.mode >> 6) & 0o7 : stats.mode & 0o7;
  return (granted & wanted) === wanted ? null : `${path} is closed to the sandbox's user`;
}
