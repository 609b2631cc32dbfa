import type { ReactElement } from "react";

export function Mark(): ReactElement {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="mark-ground" />
      <rect x="6" y="8" width="20" height="4" rx="2" className="mark-a" />
      <rect x="9" y="14" width="11" height="4" rx="2" className="mark-b" />
      <rect x="15" y="20" width="8" height="4" rx="2" className="mark-c" />
    </svg>
  );
}
