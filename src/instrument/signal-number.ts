import os from "node:os";

/** The number of a signal on this system, 0 for a name that it does not have; shells give 128 plus it as exit code. */
export function signalNumber(name: string): number {
  return new Map<string, number>(Object.entries(os.constants.signals)).get(name) ?? 0;
}
