import { html, money } from "../html.js";
import { notice } from "./layout.js";

export function reportsPage({ hours, turnover, warehouses, trends }) {
  const latest = trends?.filter(({ month }) => month >= 8);
  return html`<h1>Back office</h1><div class="columns"><section><h2>Turnover, last ${hours} hours</h2>
${turnover === undefined ? notice("The inventory does not answer.", "warn") : html`<table>${turnover.map((row) => html`<tr><td>${row.category}</td><td>${row.orders} orders</td><td>${money(row.cents)}</td></tr>`)}</table>`}</section>
<section><h2>Warehouses</h2>
${warehouses === undefined ? notice("The inventory does not answer.", "warn") : html`<table>${warehouses.map((row) => html`<tr><td>${row.code}</td><td>${row.name}, ${row.city}</td><td>${row.pieces} pieces</td></tr>`)}</table><p><a href="/reports/shelf-density">Shelf density</a></p>`}</section>
<section><h2>Stars since August</h2>
${latest === undefined ? notice("The reviews do not answer.", "warn") : html`<table>${latest.map((row) => html`<tr><td>${row.category}</td><td>month ${row.month}</td><td>${row.stars ?? "none"}</td></tr>`)}</table>`}</section></div>`;
}

export function errorPage({ status, title, text }) {
  return html`<section class="problem"><p class="code">${status}</p><h1>${title}</h1><p>${text}</p><a class="button" href="/">Back to the shop</a></section>`;
}
