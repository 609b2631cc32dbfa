import { html, money } from "../html.js";
import { notice } from "./layout.js";

export function cartPage({ rows, totalCents }) {
  if (rows.length === 0) return html`<h1>Your cart</h1>${notice("Nothing in it yet.")}<a class="button" href="/products">Look around</a>`;
  return html`<h1>Your cart</h1><table class="lines"><thead><tr><th>Product</th><th>Pieces</th><th>Price</th><th></th></tr></thead>
<tbody>${rows.map(
    (row) => html`<tr><td><a href="/products/${row.sku}">${row.name}</a></td><td>${row.quantity}</td><td>${money(row.quantity * row.priceCents)}</td>
<td><form method="post" action="/cart/remove"><input type="hidden" name="sku" value="${row.sku}"><button class="quiet">Remove</button></form></td></tr>`,
  )}</tbody><tfoot><tr><td>Total</td><td></td><td>${money(totalCents)}</td><td></td></tr></tfoot></table>
<a class="button" href="/checkout">To the till</a>`;
}

export function checkoutPage({ problem, customer = "" }) {
  return html`<h1>Till</h1>${problem === undefined ? "" : notice(problem, "bad")}
<form class="stacked" method="post" action="/checkout">
<label>Name <input name="customer" value="${customer}" required></label>
<label>Card number <input name="card" inputmode="numeric" value="4000000000001000" required></label>
<p><small>This shop is a demonstration: nothing is sold. A card that ends in 0002 is declined.</small></p>
<button>Pay and order</button></form>`;
}

export function orderPage(order) {
  return html`<h1>Thank you, ${order.customer}</h1><p class="lead">Order ${order.id} is being packed. Total ${money(order.totalCents)}.</p>
<ul>${order.lines.map((line) => html`<li>${line.quantity} × ${line.name}</li>`)}</ul>`;
}
