import type { Exporter } from "../../../pipeline/component.ts";

/** An exporter that takes everything and forgets it. */
export const nopExporter: Exporter = {
  mutatesBatch: false,
  start: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
  consume: () => Promise.resolve(),
};
