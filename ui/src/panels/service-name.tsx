import type { ReactElement } from "react";
import { Dot } from "../design/controls.tsx";
import { serviceColour } from "../design/service-colour.ts";

/** A service with its colour. */
export function ServiceName(props: { readonly name: string; readonly strong?: boolean }): ReactElement {
  return (
    <span className="service-name">
      <Dot colour={serviceColour(props.name)} />
      <span className={props.strong === true ? "ellipsis strong" : "ellipsis"} title={props.name}>
        {props.name === "" ? "unknown service" : props.name}
      </span>
    </span>
  );
}
