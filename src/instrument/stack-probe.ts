const nobody = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * False when nobody listens at an OTLP endpoint, or nobody says anything within `timeoutMs`; true otherwise, whatever the answer:
 * another protocol on that port is somebody.
 */
export async function stackAnswers(endpoint: string, timeoutMs = 700): Promise<boolean> {
  try {
    await fetch(endpoint, { method: "HEAD", signal: AbortSignal.timeout(timeoutMs) });
    return true;
  } catch (error) {
    if (!(error instanceof Error) || error.name === "TimeoutError") return false;
    const { cause } = error;
    return !(cause instanceof Error && "code" in cause && nobody.has(String(cause.code)));
  }
}
