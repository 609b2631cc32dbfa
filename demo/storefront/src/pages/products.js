import { html, money } from "../html.js";
import { notice } from "./layout.js";
import { picture } from "./picture.js";

export function stars(rating, count) {
  if (rating === undefined || rating === null) return html`<span class="stars none">not rated yet</span>`;
  const full = Math.round(rating);
  return html`<span class="stars" aria-label="${rating} of 5 stars">${"★".repeat(full)}<i>${"★".repeat(5 - full)}</i>${count === undefined ? "" : html` <small>${count}</small>`}</span>`;
}

function card(product) {
  return html`<li class="card"><a href="/products/${product.sku}">${picture(product)}<h3>${product.name}</h3></a>
${stars(product.rating, product.reviews)}
${product.priceCents === undefined ? "" : html`<p class="price">${money(product.priceCents)}${product.inStock === 0 ? html` <em>sold out</em>` : ""}</p>`}</li>`;
}

export function grid(products) {
  return html`<ul class="grid">${products.map(card)}</ul>`;
}

function unpriced(priced) {
  return priced ? "" : notice("Our stock room does not answer at the moment. You can look around; prices and the till will be back soon.", "warn");
}

export function homePage({ products, priced }) {
  return html`<section class="hero"><h1>Useful things<br>for soil and salt.</h1><p>Sixty goods that age well, kept in four small warehouses by the sea.</p><a class="button" href="/products">See everything</a></section>
${unpriced(priced)}<h2>In the window</h2>${grid(products)}`;
}

export function listPage({ title, products, priced }) {
  return html`<h1>${title}</h1>${unpriced(priced)}
${products.length === 0 ? notice("Nothing here fits. Try a shorter word.") : grid(products)}`;
}

function shelves(product) {
  if (product.shelves === undefined) return "";
  return html`<table class="shelves"><caption>On the shelf</caption>${product.shelves.map(
    ({ warehouse, city, quantity }) => html`<tr><td>${warehouse}, ${city}</td><td>${quantity === 0 ? "none" : quantity}</td></tr>`,
  )}</table>`;
}

function buy(product) {
  if (product.priceCents === undefined) return notice("Cannot be ordered while the stock room does not answer.", "warn");
  return html`<p class="price big">${money(product.priceCents)}</p>
<form method="post" action="/cart"><input type="hidden" name="sku" value="${product.sku}">
<label>Pieces <input name="quantity" type="number" min="1" max="20" value="1"></label>
<button ${product.inStock === 0 ? "disabled" : ""}>Put into the cart</button></form>`;
}

function readersSay(product, readers) {
  if (readers === undefined) return notice("The reviews are away at the moment.", "warn");
  const pages = Array.from({ length: readers.pages }, (_, index) => index + 1);
  return html`<ol class="reviews">${readers.reviews.map(
    (review) => html`<li><p>${stars(review.stars)} <b>${review.author}</b> <time>${review.written}</time></p><p>${review.text}</p>
<form method="post" action="/reviews/${review.id}/helpful"><input type="hidden" name="sku" value="${product.sku}"><button class="quiet">Helpful (${review.helpful})</button></form></li>`,
  )}</ol>
<p class="pages">${pages.map((page) => (page === readers.page ? html`<b>${page}</b>` : html`<a href="?page=${page}">${page}</a>`))}</p>
<details><summary>Write a review</summary><form class="stacked" method="post" action="/products/${product.sku}/reviews">
<label>Name <input name="author" maxlength="60" required></label>
<label>Stars <input name="stars" type="number" min="1" max="5" value="4" required></label>
<label>Your words <textarea name="text" rows="4" required></textarea></label><button>Send</button></form></details>`;
}

export function detailPage({ product, readers, recommended }) {
  return html`<article class="product"><div class="plate">${picture(product)}</div><div>
<p class="crumb"><a href="/products?category=${product.category}">${product.category}</a> / ${product.sku}</p>
<h1>${product.name}</h1>${product.featured ? html`<p class="badge">in the window</p>` : ""}<p class="lead">${product.blurb}</p>${buy(product)}${shelves(product)}</div></article>
<section><h2>What readers say</h2>${readersSay(product, readers)}</section>
${recommended.length === 0 ? "" : html`<section><h2>Goes well with</h2>${grid(recommended)}</section>`}`;
}
