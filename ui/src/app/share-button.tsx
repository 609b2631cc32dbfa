import type { ReactElement } from "react";
import { CopyButton } from "../design/controls.tsx";
import { linkToShare } from "../url/location.ts";

/** Copies the page's address with the window fixed, so that others see the same. */
export function ShareButton(): ReactElement {
  return (
    <CopyButton
      kind="plain"
      label="Copy link with absolute times (y)"
      text={() => linkToShare(location.href, Date.now())}
    >
      Link
    </CopyButton>
  );
}
