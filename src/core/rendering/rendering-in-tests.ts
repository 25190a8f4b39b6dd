/** For tests: what images are made with. */
import type { ImageOptions } from "./image.ts";

export const IMAGE_OPTIONS: ImageOptions = {
  baseImage: "localhost/base",
  baseHas: new Set(),
  uvVersion: "0.0.0",
  serverLock: "jupyterlab==4.6.6\n",
  user: { name: "jovyan", uid: 1000 },
  repositoryDirectory: null,
  labels: {},
  appendix: null,
};
