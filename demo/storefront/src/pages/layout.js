import { countPieces } from "../carts.js";
import { html } from "../html.js";

export const categories = ["garden", "kitchen", "shore", "light", "paper", "wool"];

export function layout({ title, cart, body }) {
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Bramble &amp; Buoy</title>
<link rel="stylesheet" href="/assets/shop.css"><link rel="icon" href="/assets/mark.svg">
</head>
<body>
<header><div class="wide">
<a class="brand" href="/"><img src="/assets/mark.svg" alt="" width="34" height="34">Bramble &amp; Buoy</a>
<form action="/search" role="search"><input name="q" type="search" placeholder="Search the shop" aria-label="Search the shop"></form>
<a class="basket" href="/cart">Cart<span>${cart ? countPieces(cart) : 0}</span></a>
</div>
<nav class="wide">${categories.map((name) => html`<a href="/products?category=${name}">${name}</a>`)}<a href="/products">everything</a></nav>
</header>
<main class="wide">${body}</main>
<footer><div class="wide"><p>Bramble &amp; Buoy. Goods for the garden gate and the harbour wall since last spring.</p>
<p><a href="/reports">Back office</a> <a href="/gift-cards">Gift cards</a></p></div></footer>
</body></html>`}\n`;
}

export function notice(text, kind = "note") {
  return html`<p class="notice ${kind}" role="status">${text}</p>`;
}
