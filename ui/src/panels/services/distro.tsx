import type { ReactElement } from "react";

/** The distribution that instrumented a service (telemetry.distro.name); nothing when it does not say. */
export function Distro(props: { readonly name: string }): ReactElement | null {
  const { name } = props;
  return name === "" ? null : (
    <span className="faint" title={`Instrumented by the distribution ${name}`}>
      by {name}
    </span>
  );
}
