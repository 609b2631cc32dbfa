import { html } from "../html.js";

const palettes = {
  garden: ["#dfe8d5", "#5c7a4c", "#b8553a"],
  kitchen: ["#f3e3cf", "#a5643c", "#3f5d63"],
  shore: ["#d6e6ea", "#3a6b7e", "#d9a441"],
  light: ["#f7e9c4", "#c9882b", "#4a4458"],
  paper: ["#efe8dc", "#7b6a52", "#3f6b63"],
  wool: ["#e8dfe3", "#7d5a6b", "#46607a"],
};

/** A small abstract picture of a product, always the same for one number. */
export function picture({ sku, category, name }) {
  const [ground, first, second] = palettes[category] ?? palettes.paper;
  let seed = [...sku].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) >>> 0, 7);
  const draw = (limit) => {
    seed = (seed * 1103515245 + 12345) >>> 0;
    return (seed >>> 8) % limit;
  };
  const hills = [0, 1, 2].map((layer) => {
    const y = 90 + layer * 26 - draw(20);
    return html`<path d="M0 ${y} C ${40 + draw(40)} ${y - 40}, ${100 + draw(60)} ${y + 30}, 240 ${y - draw(30)} V160 H0Z" fill="${layer % 2 ? second : first}" opacity="${0.35 + layer * 0.25}"/>`;
  });
  return html`<svg viewBox="0 0 240 160" role="img" aria-label="${name}" preserveAspectRatio="xMidYMid slice"><rect width="240" height="160" fill="${ground}"/><circle cx="${40 + draw(160)}" cy="${30 + draw(30)}" r="${12 + draw(14)}" fill="${second}" opacity=".8"/>${hills}</svg>`;
}
