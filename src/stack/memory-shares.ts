export interface MemoryShares {
  readonly engineMib: number;
  /** Heap and buffers of this process. */
  readonly processMib: number;
}

/** Divides `--memory-limit`: what the engine may take, and at what receiving is refused, are together no more than the limit (from 512 MiB on). */
export function memoryShares(limitMib: number): MemoryShares {
  const engineMib = Math.max(256, Math.floor(limitMib * 0.6));
  return { engineMib, processMib: Math.max(128, limitMib - engineMib) };
}
