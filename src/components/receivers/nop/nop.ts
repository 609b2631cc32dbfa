import type { Receiver } from "../../../pipeline/component.ts";

/** A receiver that never has anything. */
export const nopReceiver: Receiver = {
  start: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
