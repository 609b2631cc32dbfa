/**
 * A service keeps its colour: the slot follows from its name, and the first time two names want the same slot the later one takes the
 * next free one, which this browser remembers. Error red is not among the slots.
 */
import { seriesColourCount, seriesToken } from "./palette.ts";

const storageKey = "otelier.service-colours";

/** FNV-1a, 32 bit. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    hash ^= name.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** Slot for a new name given those taken: its own by hash, else the next free, else (all taken) its own. */
export function chooseSlot(name: string, taken: ReadonlySet<number>): number {
  const wanted = hashName(name) % seriesColourCount;
  for (let step = 0; step < seriesColourCount; step++) {
    const slot = (wanted + step) % seriesColourCount;
    if (!taken.has(slot)) return slot;
  }
  return wanted;
}

let slots: Map<string, number> | undefined;

function readSlots(): Map<string, number> {
  const read = new Map<string, number>();
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "{}");
    if (typeof stored === "object" && stored !== null) {
      for (const [name, slot] of Object.entries(stored)) {
        if (typeof slot === "number" && slot >= 0 && slot < seriesColourCount)
          read.set(name, Math.floor(slot));
      }
    }
  } catch {
    // A browser without storage, or something else under our key: colours are then chosen anew.
  }
  return read;
}

/** Token of the service's colour. */
export function serviceToken(name: string): string {
  slots ??= readSlots();
  let slot = slots.get(name);
  if (slot === undefined) {
    slot = chooseSlot(name, new Set(slots.values()));
    slots.set(name, slot);
    try {
      // 200 names suffice: beyond the twelve slots the hash decides anyway.
      if (slots.size <= 200) localStorage.setItem(storageKey, JSON.stringify(Object.fromEntries(slots)));
    } catch {
      // Not remembered; still stable while the page lives.
    }
  }
  return seriesToken(slot);
}

export function serviceColour(name: string): string {
  return `var(${serviceToken(name)})`;
}
