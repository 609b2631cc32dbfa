import type { Extension, Host } from "../../src/pipeline/component.ts";
import { printComponentId } from "../../src/pipeline/component-id.ts";

/** A running service with these extensions, by id; a component that fails fails the test. */
export function testHost(extensions: Readonly<Record<string, Extension>> = {}): Host {
  return {
    extension: (id) => extensions[printComponentId(id)],
    fail: (_, error) => {
      throw error;
    },
  };
}
