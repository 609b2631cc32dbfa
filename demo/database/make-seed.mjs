// Writes seed.sql from the product list that the reviews service keeps. Run it after editing products.json.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const warehouses = [
  ["HAV", "Havnegade", "Esbjerg", "DK"],
  ["MIL", "The Old Mill", "Whitby", "GB"],
  ["KAI", "Kaispeicher", "Bremerhaven", "DE"],
  ["CLO", "Clos du Port", "Roscoff", "FR"],
];

/** The text of seed.sql: every statement on one line, so that it can also be fed to a single-user backend. */
export function makeSeed(products) {
  const text = (value) => `'${String(value).replaceAll("'", "''")}'`;
  const lines = ["-- Written by make-seed.mjs from ../reviews/products.json."];
  warehouses.forEach(([code, name, city, country], index) => {
    lines.push(
      `INSERT INTO warehouses (id, code, name, city, country) VALUES (${index + 1}, ${[code, name, city, country].map(text).join(", ")});`,
    );
  });
  products.forEach((product, index) => {
    const { sku, name, category, priceCents, blurb, capacity } = product;
    const values = [text(sku), text(name), text(category), priceCents, text(blurb), index % 7 === 2];
    lines.push(
      `INSERT INTO products (sku, name, category, price_cents, blurb, featured) VALUES (${values.join(", ")});`,
    );
    warehouses.forEach((_, place) => {
      // Each product is kept in two or three of the four warehouses, in amounts that differ but never change between runs.
      if ((index + place) % 4 === 3 || ((index >> 2) + place) % 5 === 0) return;
      const size = Math.max(2, Math.round((capacity * (3 + ((index * 7 + place * 5) % 6))) / 10));
      const quantity = (index * 11 + place * 3) % 23 === 0 ? 0 : Math.ceil(size * 0.7);
      lines.push(
        `INSERT INTO stock (sku, warehouse_id, quantity, capacity) VALUES (${text(sku)}, ${place + 1}, ${quantity}, ${size});`,
      );
    });
  });
  return `${lines.join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const products = JSON.parse(readFileSync(new URL("../reviews/products.json", import.meta.url), "utf8"));
  writeFileSync(new URL("seed.sql", import.meta.url), makeSeed(products));
}
