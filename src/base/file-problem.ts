import { messageOf } from "./error.ts";

/** What people call the system's errors; each fits behind "cannot read "FILE": ". */
const names: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or directory",
  ENOTDIR: "a part of the path is a file, not a directory",
  EISDIR: "it is a directory, not a file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "its symbolic links go in a circle",
  ENAMETOOLONG: "the name is too long",
};

/** Why a file could not be read, in words; the message of any other error. */
export function fileProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return names[code] ?? messageOf(error);
}
