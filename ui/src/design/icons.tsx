/** Line icons on a 16 px grid, drawn with the text's colour. Decorative: the control that holds one carries the words. */
import type { ReactElement } from "react";

const paths = {
  services: "M3 3.5h4v4H3zM9 8.5h4v4H9zM7 5.5h2.5a1.5 1.5 0 0 1 1.5 1.5v1.5M5 7.5V9a1.5 1.5 0 0 0 1.5 1.5H9",
  map: "M3.5 3v3h3V3zM9.5 6.5v3h3v-3zM3.5 10v3h3v-3zM6.5 4.5H8a3 3 0 0 1 3 2M6.5 11.5H8a3 3 0 0 0 3-2",
  traces: "M2.5 4h7M5 8h8.5M8 12h4",
  logs: "M3 3.5h10M3 6.5h7M3 9.5h10M3 12.5h5",
  metrics: "M2.5 12.5 6 7.5l2.5 2.5 5-7M2.5 13.5h11",
  senders: "M8 2.5v7M5 6.5l3 3 3-3M3 10.5v2.5h10v-2.5",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3",
  link: "M6.5 9.5l3-3M7 4.5l1.3-1.3a2.5 2.5 0 0 1 3.5 3.5L10.5 8M9 11.5l-1.3 1.3a2.5 2.5 0 0 1-3.5-3.5L5.5 8",
  copy: "M5.5 5.5h7v7h-7zM10.5 5.5v-2h-7v7h2",
  download: "M8 2.5v7.5M5 7l3 3 3-3M3 13.5h10",
  star: "M8 2.2l1.7 3.6 3.9.5-2.9 2.7.8 3.9L8 11l-3.5 1.9.8-3.9L2.4 6.3l3.9-.5z",
  check: "M3 8.5l3.2 3.2L13 4.8",
  close: "M4 4l8 8M12 4l-8 8",
  down: "M4.5 6.5 8 10l3.5-3.5",
  right: "M6.5 4.5 10 8l-3.5 3.5",
  left: "M9.5 4.5 6 8l3.5 3.5",
  up: "M4.5 9.5 8 6l3.5 3.5",
  search: "M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.5 3.5",
  sun: "M8 5.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9",
  moon: "M13 9.5A5.5 5.5 0 1 1 6.5 3a4.4 4.4 0 0 0 6.5 6.5z",
  system: "M2.5 3.5h11v7h-11zM6 13.5h4M8 10.5v3",
  zoomOut: "M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.5 3.5M5 7h4",
  warning: "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.3",
  error: "M5.5 2.5h5l3 3v5l-3 3h-5l-3-3v-5zM8 5v3.5M8 10.7v.3",
  help: "M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.3v.3M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  external: "M6.5 4H4v8h8V9.5M9 3.5h3.5V7M12.5 3.5 7.5 8.5",
  collapse: "M4.5 3.5 8 6.5l3.5-3M4.5 12.5 8 9.5l3.5 3",
  expand: "M4.5 6 8 3l3.5 3M4.5 10 8 13l3.5-3",
} as const;

export type IconName = keyof typeof paths;

export function Icon(props: { readonly name: IconName; readonly size?: number }): ReactElement {
  const size = props.size ?? 16;
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[props.name]} />
    </svg>
  );
}
