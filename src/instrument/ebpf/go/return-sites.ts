import { instructionLength } from "./x64-length.ts";

/** `ret` of arm64, whose instructions are all four bytes long. */
const arm64Return = 0xd65f03c0;

/**
 * Offsets of the return instructions in the code of one function. Returns are watched there, one by one: the kernel's own way, a changed
 * return address on the stack, breaks Go, which moves stacks and reads return addresses. Undefined when the code cannot be walked to its end.
 */
export function returnSites(code: Buffer, machine: "x64" | "arm64"): readonly number[] | undefined {
  return machine === "x64" ? x64ReturnSites(code) : arm64ReturnSites(code);
}

function x64ReturnSites(code: Buffer): readonly number[] | undefined {
  const sites: number[] = [];
  for (let at = 0; at < code.length;) {
    const length = instructionLength(code, at);
    if (length === 0) return undefined;
    if (code[at] === 0xc3 || code[at] === 0xc2) sites.push(at);
    at += length;
  }
  return sites;
}

function arm64ReturnSites(code: Buffer): readonly number[] {
  const sites: number[] = [];
  for (let at = 0; at + 4 <= code.length; at += 4) {
    if (code.readUInt32LE(at) === arm64Return) sites.push(at);
  }
  return sites;
}
