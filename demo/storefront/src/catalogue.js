// Products as pages need them: stock and price from the inventory, stars from the reviews. Either may be away.
import { inventory, orElse, reviews } from "./api.js";

/** Products of a category ("" for all) with stars; `priced` is false when only the reviews service could be asked. */
export async function listProducts(selection = {}) {
  const stocked = await orElse(inventory.products(selection), undefined);
  if (stocked === undefined) {
    const cards = await reviews.products(selection.category ?? "");
    return { priced: false, products: selection.featured ? cards.filter((card) => card.rating >= 4.4) : cards };
  }
  const ratings = stocked.length === 0 ? {} : await orElse(reviews.ratings(stocked.map(({ sku }) => sku)), {});
  return { priced: true, products: stocked.map((product) => ({ ...product, ...ratings[product.sku] })) };
}

export async function productPage(sku, page) {
  const [stocked, readers, recommended] = await Promise.all([
    orElse(inventory.product(sku), undefined),
    orElse(reviews.list(sku, page), undefined),
    orElse(reviews.recommendations(sku), []),
  ]);
  const product = stocked ?? (await reviews.product(sku));
  return { product, readers, recommended };
}

/** Slow for rare words, since it opens product after product where the list alone does not match. */
export async function search(words) {
  const wanted = words.toLowerCase();
  const { products, priced } = await listProducts();
  const direct = products.filter((product) => `${product.name} ${product.category}`.toLowerCase().includes(wanted));
  if (direct.length > 0 || wanted.length < 3) return { products: direct, priced };
  const found = [];
  for (const product of products) {
    const { reviews: texts } = await reviews.list(product.sku, 1);
    if (product.blurb.toLowerCase().includes(wanted) || texts.some(({ text }) => text.toLowerCase().includes(wanted))) {
      found.push(product);
    }
    if (found.length === 12) break;
  }
  return { products: found, priced };
}
