import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
  remove(): void;
}

/** A new self-signed certificate for localhost and 127.0.0.1, its own authority, valid for a day; made by the openssl command. */
export function makeCertificate(commonName = "localhost"): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), "otelier-certificate-"));
  const certFile = join(folder, "cert.pem");
  const keyFile = join(folder, "key.pem");
  const subject = ["-subj", `/CN=${commonName}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const kind = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "1",
  ];
  execFileSync("openssl", [...kind, ...subject, "-keyout", keyFile, "-out", certFile], { stdio: "ignore" });
  return {
    certFile,
    keyFile,
    cert: readFileSync(certFile, "utf8"),
    key: readFileSync(keyFile, "utf8"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
