import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folder of the package: the repository, or what npm installed. */
export const packageRoot: string = fileURLToPath(new URL("../..", import.meta.url));

/** Folder of the built UI: dist/ui of the package, also when the sources run. */
export function uiRoot(): string {
  const beside = fileURLToPath(new URL("../ui", import.meta.url));
  return existsSync(`${beside}/index.html`) ? beside : `${packageRoot}dist/ui`;
}
