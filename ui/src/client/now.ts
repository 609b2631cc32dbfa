import { useState } from "react";

/** The moment at which the component came to the page, for what only needs a moment nearby: the length of a window, its first picture. */
export function useNow(): number {
  const [now] = useState(() => Date.now());
  return now;
}
