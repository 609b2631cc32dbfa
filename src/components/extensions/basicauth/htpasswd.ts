/** htpasswd content: users and the hashes of their passwords (httpd.apache.org/docs/2.4/misc/password_encryptions.html). */
import { createHash } from "node:crypto";
import { compare as compareBcrypt } from "bcryptjs";
import { equalSecrets } from "../../../base/equal-secrets.ts";
import { apr1 } from "./apr1.ts";

export type Users = ReadonlyMap<string, string>;

/** Users of htpasswd lines, later lines winning. Empty lines and comments are skipped; `problems` name lines that are no entries. */
export function parseHtpasswd(text: string): { readonly users: Users; readonly problems: readonly string[] } {
  const users = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const entry = line.trim();
    if (entry === "" || entry.startsWith("#")) continue;
    const colon = entry.indexOf(":");
    const stored = entry.slice(colon + 1);
    if (colon <= 0) problems.push(`line ${index + 1} is not user:password`);
    else if (/^\$[56]\$/.test(stored)) {
      problems.push(`line ${index + 1} has a SHA-crypt hash, which is not supported: use htpasswd -B`);
    } else users.set(entry.slice(0, colon), stored);
  }
  return { users, problems };
}

/** Whether a password is the stored one: bcrypt, apr1, {SHA}, {SSHA}, or plain text when it looks like none of them. */
export async function matchesPassword(password: string, stored: string): Promise<boolean> {
  if (/^\$2[abxy]?\$/.test(stored)) return compareBcrypt(password, stored);
  const salted = /^\$apr1\$([^$]{1,8})\$/.exec(stored);
  if (salted !== null) return equalSecrets(apr1(password, salted[1] ?? ""), stored);
  if (stored.startsWith("{SHA}")) {
    const digest = createHash("sha1").update(password).digest("base64");
    return equalSecrets(`{SHA}${digest}`, stored);
  }
  if (stored.startsWith("{SSHA}")) {
    const bytes = Buffer.from(stored.slice(6), "base64");
    const digest = createHash("sha1").update(password).update(bytes.subarray(20)).digest("hex");
    return equalSecrets(digest, bytes.subarray(0, 20).toString("hex"));
  }
  return equalSecrets(password, stored);
}
