// What visitors do, and how often. Names of products, shelves and cards are those of the shop.
const shelves = { GRD: 1, KIT: 2, SHR: 3, LGT: 4, PPR: 5, WOL: 6 };
const categories = ["garden", "kitchen", "shore", "light", "paper", "wool"];
const searches = ["lantern", "mug", "kelp", "candles", "socks", "cedar"];
const rareWords = ["slipway", "heirloom", "ferry", "winter"];
const people = ["Mirren Ashdown", "Oluf Thorsen", "Berit Knapp", "Gildas Rohan", "Tamsin Oake", "Emeka Dike"];
const words = [
  "Arrived well packed and works as described.",
  "A gift that was used the same evening.",
  "Good, though the colour is darker than the picture.",
  "Sturdy. The second one is for the boat.",
];

const any = (list) => list[Math.floor(Math.random() * list.length)];

function anyProduct() {
  const prefix = any(Object.keys(shelves));
  return `${prefix}-${shelves[prefix]}${String(1 + Math.floor(Math.random() * 10)).padStart(2, "0")}`;
}

async function browse(person) {
  await person.get("/");
  await person.think();
  await person.get(`/products?category=${any(categories)}`);
  for (let page = 0; page < 1 + Math.random() * 3; page++) {
    await person.think();
    await person.get(`/products/${anyProduct()}`);
  }
}

async function buy(person, { card = "4000000000001000", pieces = 1, finish = true } = {}) {
  await person.get("/products");
  for (let item = 0; item < 1 + Math.random() * 2; item++) {
    const sku = anyProduct();
    await person.think();
    await person.get(`/products/${sku}`);
    await person.post("/cart", { sku, quantity: pieces });
  }
  await person.think();
  await person.get("/checkout");
  if (!finish) return;
  await person.think();
  await person.post("/checkout", { customer: any(people), card });
}

async function review(person) {
  const sku = anyProduct();
  await person.get(`/products/${sku}`);
  await person.think();
  await person.post(`/products/${sku}/reviews`, { author: any(people), stars: 2 + Math.floor(Math.random() * 4), text: any(words) });
  await person.post(`/reviews/${1 + Math.floor(Math.random() * 400)}/helpful`, { sku });
}

async function search(person) {
  await person.get(`/search?q=${any(searches)}`);
  await person.think();
  await person.get(`/products/${anyProduct()}`);
}

export const journeys = [
  { weight: 30, walk: browse },
  { weight: 16, walk: (person) => buy(person) },
  { weight: 5, walk: (person) => buy(person, { finish: false }) },
  { weight: 10, walk: search },
  { weight: 7, walk: review },
  // A declined card, and a wish for more than the shelves hold.
  { weight: 5, walk: (person) => buy(person, { card: "4000000000000002" }) },
  { weight: 5, walk: (person) => buy(person, { pieces: 20 }) },
  // Rare words open product after product: slow.
  { weight: 2, walk: (person) => person.get(`/search?q=${any(rareWords)}`) },
  { weight: 3, walk: (person) => person.get("/reports?hours=24") },
  // Pages that are not there, forms that are filled in wrongly, and the bugs of the shop.
  { weight: 6, walk: (person) => person.get(any(["/sale", "/products/GRD-999", "/products?category=cheese", "/orders/123456789"])) },
  { weight: 3, walk: (person) => person.post(`/products/${anyProduct()}/reviews`, { author: "", stars: 9, text: "wow!!!!" }) },
  { weight: 5, walk: (person) => person.get(any(["/gift-cards", "/reports/shelf-density"])) },
  { weight: 2, walk: (person) => person.get("/products/WOL-602") },
  { weight: 1, walk: (person) => person.post(`/products/${anyProduct()}/featured`) },
];
