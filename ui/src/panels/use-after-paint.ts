import { useEffect, useState } from "react";

/**
 * Turns true once what is `ready` has been painted. For what stands below and asks questions of its own: the answers that are there come on screen before
 * browser and server work on more.
 */
export function useAfterPaint(ready: boolean): boolean {
  const [painted, setPainted] = useState(false);
  useEffect(() => {
    if (!ready || painted) return undefined;
    // The first frame draws what is ready, the second comes behind it.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => setPainted(true));
    });
    return () => cancelAnimationFrame(frame);
  }, [ready, painted]);
  return painted;
}
