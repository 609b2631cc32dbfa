import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";

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

/**
 * The process and everything that descends from it and still runs, read from /proc. One may be missing that began while another ended: whoever looks for
 * new ones looks twice. `byThread`: whether the kernel tells the children of each thread; else all processes are asked for their parent.
 */
export function processTree(root: number, byThread: boolean = kernelTellsChildren()): readonly number[] {
  const childrenOf = byThread ? childrenByThread : childrenByParent();
  const tree = [root];
  for (let index = 0; index < tree.length; index++) tree.push(...childrenOf(tree[index]!));
  return tree;
}

let tellsChildren: boolean | undefined;

/** Linux 4.2 and newer, unless it was built without. */
function kernelTellsChildren(): boolean {
  tellsChildren ??= existsSync(`/proc/self/task/${process.pid}/children`);
  return tellsChildren;
}

function childrenByThread(pid: number): readonly number[] {
  return entriesOf(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1");
      return text.split(" ").filter(Boolean).map(Number);
    } catch {
      return []; // it has ended
    }
  });
}

function childrenByParent(): (pid: number) => readonly number[] {
  const children = new Map<number, number[]>();
  for (const pid of allProcesses()) {
    const parent = parentOf(pid);
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  return (pid) => children.get(pid) ?? [];
}

/** Empty when there is no such folder (any more). */
function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
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
