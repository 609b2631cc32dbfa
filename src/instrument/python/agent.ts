import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that stands first on PYTHONPATH: our sitecustomize and its package, nothing that a program could import by chance. */
export const pythonHookFolder: string = fileURLToPath(new URL("./hook", import.meta.url));

/** All packages of the Python agent, exact, dependencies included. */
export const pythonRequirements: string = path.join(pythonHookFolder, "requirements.txt");

/** Holds one folder a Python minor version ("cpython-311"), for exactly these requirements and this kind of machine. */
export function pythonAgentsFolder(cache: string): string {
  const hash = createHash("sha256").update(readFileSync(pythonRequirements)).digest("hex").slice(0, 16);
  return path.join(cache, "python", `${hash}-${process.platform}-${process.arch}`);
}

/** Number of packages that are installed; for the progress bar. */
export function pythonPackageCount(): number {
  return readFileSync(pythonRequirements, "utf8")
    .split("\n")
    .filter((line) => line.includes("==")).length;
}
