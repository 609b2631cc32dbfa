import { messageOf } from "../../base/error.ts";

/** Why the kernel or the machine refuses to trace, and what to do about it, in one line. */
export function explainRefusal(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = messageOf(error);
  if (
    code === "EACCES" &&
    error instanceof Error &&
    "verifierReason" in error &&
    error.verifierReason !== ""
  ) {
    return `${why}: the verifier of this kernel takes the program for unsafe, which no privilege changes; another kernel may take it, and a report with this line and the output of "uname -r" lets it be mended`;
  }
  if (code === "EPERM" || code === "EACCES") {
    return `${why}: tracing needs privileges; run it as root (sudo), or give the container CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE`;
  }
  if (code === "ENOSYS" || code === "EINVAL") {
    return `${why}: this kernel cannot do it; Linux 5.8 or newer with CONFIG_BPF_SYSCALL and CONFIG_UPROBES is needed`;
  }
  if (code === "ENOENT" && why.includes("event_source")) {
    return "this kernel has no uprobes (CONFIG_UPROBE_EVENTS), or /sys is not mounted: mount -t sysfs sysfs /sys";
  }
  return why;
}
