import type { ReactElement } from "react";
import { shades } from "./heat-map-model.ts";

/** The cells of a heat map, a path a shade from light to dark, as `heatPaths` gives them. */
export function HeatShades(props: { readonly cells: readonly string[] }): ReactElement {
  return (
    <>
      {props.cells.map((path, shade) => (
        <path key={shade} className="heat-cell" d={path} fillOpacity={0.22 + (0.78 * shade) / (shades - 1)} />
      ))}
    </>
  );
}
