import { vi } from "vitest";

/** Waits for a condition in a hook, where `expect.poll` cannot be; as long as that does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: 90_000 });
}
