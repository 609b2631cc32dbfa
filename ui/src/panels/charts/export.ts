/** Hands charts over as files. Loaded when first asked for. */
import { resolveToken } from "../../design/palette.ts";
import { csvOf, fileNameOf, jsonOf, type ExportTable } from "./export-text.ts";

export type ExportFormat = "csv" | "json" | "png" | "svg";

/** `figure`: what holds the chart's SVG or canvas. Resolves once the browser has the file; rejects when the chart cannot be painted. */
export async function exportChart(
  format: ExportFormat,
  title: string,
  table: ExportTable,
  figure: Element,
): Promise<void> {
  const blob = await blobOf(format, table, figure);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${fileNameOf(title)}.${format}`;
  link.click();
  // The download has begun with the click; the browser keeps what it needs.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}

async function blobOf(format: ExportFormat, table: ExportTable, figure: Element): Promise<Blob> {
  switch (format) {
    case "csv":
      return new Blob([csvOf(table)], { type: "text/csv" });
    case "json":
      return new Blob([jsonOf(table)], { type: "application/json" });
    case "svg": {
      const svg = drawnSvg(figure);
      if (svg === null) throw new Error(notDrawn);
      return new Blob([styledText(svg, resolveToken("--surface"))], { type: "image/svg+xml" });
    }
    case "png":
      return paint(figure);
  }
}

const notDrawn = "the chart is not drawn yet";

function drawnSvg(figure: Element): SVGSVGElement | null {
  return figure.querySelector<SVGSVGElement>("svg[role]");
}

/** Twice the size on screen, on the surface's colour, so that it stands on any ground. */
async function paint(figure: Element): Promise<Blob> {
  const drawn = figure.querySelector<HTMLCanvasElement>("canvas");
  const svg = drawnSvg(figure);
  const source = drawn ?? (svg === null ? null : await imageOf(svg));
  if (source === null) throw new Error(notDrawn);
  const canvas = document.createElement("canvas");
  const scale = drawn === null ? 2 : 1;
  canvas.width = source.width * scale;
  canvas.height = source.height * scale;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("the browser gives no canvas to paint on");
  context.fillStyle = resolveToken("--surface");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("the picture is too large")) : resolve(blob)));
  });
}

const styleNames = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
] as const;

async function imageOf(svg: SVGSVGElement): Promise<HTMLImageElement> {
  const { width, height } = svg.getBoundingClientRect();
  const image = new Image(width, height);
  image.src = `data:image/svg+xml,${encodeURIComponent(styledText(svg))}`;
  await image.decode();
  return image;
}

/** The SVG alone knows no style sheet: what it looks like is written into it. */
function styledText(svg: SVGSVGElement, ground?: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  originals.forEach((original, i) => {
    const computed = getComputedStyle(original);
    for (const name of styleNames) copies[i]?.style.setProperty(name, computed.getPropertyValue(name));
  });
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  if (ground !== undefined) copy.style.setProperty("background", ground);
  return new XMLSerializer().serializeToString(copy);
}
