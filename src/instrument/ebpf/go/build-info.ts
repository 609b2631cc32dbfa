import { sectionBytes, sectionNamed, type Elf } from "../elf/elf.ts";

/** What the Go tool chain wrote into a program about its making; also there when the program was stripped. */
export interface BuildInfo {
  /** "1.26.8", without experiments ("X:...") and vendors' additions. */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  /** Of the tool chain: "noswissmap" and the like. */
  readonly experiments: readonly string[];
  /** Import path of the main package; "command-line-arguments" for single files. */
  readonly mainPackage: string;
  /** Modules that were linked in, path -> version; of one that another path stands for "v1.2.3 => PATH" with its own version before. */
  readonly modules: ReadonlyMap<string, string>;
}

const magic = "\xff Go buildinf:";
const inlineStrings = 2;
const headBytes = 32;
/** Module lists are framed by 16 bytes on both sides. */
const frameBytes = 16;

/**
 * Reads section ".go.buildinfo" in the form of Go 1.18 and newer (debug/buildinfo). Undefined for a program that is not Go's, or older.
 */
export function readBuildInfo(elf: Elf): BuildInfo | undefined {
  const section = sectionNamed(elf, ".go.buildinfo");
  const bytes = section === undefined ? Buffer.alloc(0) : sectionBytes(elf, section);
  if (bytes.length < headBytes || bytes.toString("latin1", 0, magic.length) !== magic) return undefined;
  if ((bytes[15]! & inlineStrings) === 0) return undefined;
  const version = stringAt(bytes, headBytes);
  const modules = version === undefined ? undefined : stringAt(bytes, version.end);
  const parsed = /go(\d+)\.(\d+)(?:\.\d+)?(?:(?:rc|beta)\d+)?/.exec(version?.text ?? "");
  if (parsed === null) return undefined;
  const lines = (modules?.text ?? "").slice(frameBytes, -frameBytes).split("\n");
  return {
    version: parsed[0].slice(2),
    major: Number(parsed[1]),
    minor: Number(parsed[2]),
    experiments: /X:(\S+)/.exec(version?.text ?? "")?.[1]?.split(",") ?? [],
    mainPackage: lines.find((line) => line.startsWith("path\t"))?.slice(5) ?? "",
    modules: modulesIn(lines.map((line) => line.split("\t"))),
  };
}

/** Of lines "dep path version sum", and behind one whose module was replaced "=> path version sum". */
function modulesIn(lines: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  return new Map(
    lines.flatMap(([kind, path = "", version = ""], index) => {
      if (kind !== "dep") return [];
      const [next, otherPath = "", otherVersion = ""] = lines[index + 1] ?? [];
      if (next !== "=>") return [[path, version]];
      return [[path, otherPath === path ? otherVersion : `${version} => ${otherPath}`]];
    }),
  );
}

/** A string with its length as a varint before it. */
function stringAt(bytes: Buffer, start: number): { readonly text: string; readonly end: number } | undefined {
  let [length, shift, at] = [0, 0, start];
  for (let more = true; more; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined || shift > 28) return undefined;
    length += (byte & 0x7f) * 2 ** shift;
    more = byte >= 0x80;
  }
  const end = at + length;
  // One byte a character keeps the frame countable; import paths are ASCII.
  return end > bytes.length ? undefined : { text: bytes.toString("latin1", at, end), end };
}
