import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Every process that runs in our namespace. */
export function allProcesses(): readonly number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** Changes whenever a process or thread is made in our namespace; undefined where the kernel does not say. */
export function newestProcess(): string | undefined {
  try {
    return readFileSync("/proc/loadavg", "latin1").trim().split(" ").at(-1);
  } catch {
    return undefined;
  }
}

/** The process and everything that descends from it and still runs, read from /proc. */
export function processTree(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const tree = [root];
  for (let index = 0; index < tree.length; index++) tree.push(...(children.get(tree[index]!) ?? []));
  return tree;
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name before may hold anything, also parentheses.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // it has ended
  }
}

/** Path of the file that a process executes; undefined when it has ended, is a kernel thread, or is not ours to look at. */
export function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined;
  }
}
