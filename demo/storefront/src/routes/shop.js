import { Router } from "express";
import { reviews, inventory } from "../api.js";
import { listProducts, productPage, search } from "../catalogue.js";
import { categories } from "../pages/layout.js";
import { detailPage, homePage, listPage } from "../pages/products.js";

export const shop = Router();

shop.get("/", async (request, response) => {
  response.page("Home", homePage(await listProducts({ featured: true })));
});

shop.get("/products", async (request, response) => {
  const category = String(request.query.category ?? "");
  if (category !== "" && !categories.includes(category)) return response.problem(404, "No such shelf", `We have no shelf called ${category}.`);
  const title = category === "" ? "Everything" : category[0].toUpperCase() + category.slice(1);
  response.page(title, listPage({ title, ...(await listProducts({ category })) }));
});

shop.get("/products/:sku", async (request, response) => {
  const parts = await productPage(request.params.sku, request.query.page ?? 1);
  response.page(parts.product.name, detailPage(parts));
});

shop.post("/products/:sku/reviews", async (request, response) => {
  const { author, text, stars } = request.body ?? {};
  await reviews.add(request.params.sku, { author, text, stars: Number(stars) });
  response.redirect(303, `/products/${encodeURIComponent(request.params.sku)}`);
});

shop.post("/reviews/:id/helpful", async (request, response) => {
  await reviews.helpful(request.params.id);
  response.redirect(303, `/products/${encodeURIComponent(String(request.body?.sku ?? ""))}`);
});

shop.post("/products/:sku/featured", async (request, response) => {
  await inventory.toggleFeatured(request.params.sku);
  response.redirect(303, `/products/${encodeURIComponent(request.params.sku)}`);
});

shop.get("/search", async (request, response) => {
  const words = String(request.query.q ?? "").trim().slice(0, 80);
  if (words === "") return response.redirect(303, "/products");
  response.page(`Search: ${words}`, listPage({ title: `“${words}”`, ...(await search(words)) }));
});

// Gift cards were promised in spring and never built.
shop.get("/gift-cards", () => {
  const designs = undefined;
  return designs.map((design) => design.name);
});
