/** Words of the corpus: a small shop of seven services, seen through the semantic conventions of HTTP, databases and messages. */

export interface Service {
  readonly name: string;
  readonly language: string;
  readonly version: string;
  readonly routes: readonly string[];
}

export const services: readonly Service[] = [
  {
    name: "storefront",
    language: "nodejs",
    version: "3.14.2",
    routes: ["/", "/product/:id", "/search", "/cart", "/checkout"],
  },
  {
    name: "catalog",
    language: "python",
    version: "1.8.0",
    routes: ["/api/products", "/api/products/{id}", "/api/recommendations"],
  },
  { name: "cart", language: "dotnet", version: "2.0.1", routes: ["/cart/{user}", "/cart/{user}/items"] },
  { name: "checkout", language: "go", version: "5.2.7", routes: ["/v1/orders", "/v1/orders/{order}"] },
  { name: "payment", language: "java", version: "11.0.4", routes: ["/charge", "/refund"] },
  { name: "shipping", language: "go", version: "0.9.12", routes: ["/quote", "/shipments/{shipment}"] },
  { name: "email", language: "ruby", version: "1.1.0", routes: ["/send"] },
];

export const userAgents: readonly string[] = [
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
  "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "curl/8.11.0",
  "kube-probe/1.31",
];

export const statements: readonly string[] = [
  "SELECT id, name, price, currency, picture FROM products WHERE id = $1",
  "SELECT id, name, price FROM products WHERE category = $1 ORDER BY popularity DESC LIMIT $2",
  "INSERT INTO orders (id, user_id, total, currency, created_at) VALUES ($1, $2, $3, $4, now())",
  "UPDATE stock SET amount = amount - $1 WHERE product_id = $2 AND amount >= $1",
  "SELECT user_id, product_id, quantity FROM cart_items WHERE user_id = $1",
];

export const statementNames: readonly string[] = [
  "SELECT products",
  "SELECT products",
  "INSERT orders",
  "UPDATE stock",
  "SELECT cart_items",
];

export const exceptions: readonly (readonly [type: string, message: string, stacktrace: string])[] = [
  [
    "TimeoutError",
    "request to payment timed out after 2000 ms",
    "TimeoutError: request to payment timed out after 2000 ms\n    at Timeout.expire (/app/node_modules/undici/lib/api/abort-signal.js:41:18)\n    at listOnTimeout (node:internal/timers:581:17)\n    at process.processTimers (node:internal/timers:519:7)",
  ],
  [
    "psycopg2.errors.DeadlockDetected",
    "deadlock detected",
    'Traceback (most recent call last):\n  File "/app/catalog/stock.py", line 88, in reserve\n    cursor.execute(statement, parameters)\npsycopg2.errors.DeadlockDetected: deadlock detected',
  ],
  [
    "java.lang.IllegalStateException",
    "card was declined",
    "java.lang.IllegalStateException: card was declined\n\tat shop.payment.Charge.apply(Charge.java:112)\n\tat shop.payment.ChargeController.post(ChargeController.java:47)",
  ],
];

export const logTemplates: readonly (readonly [severity: number, text: string, template: string])[] = [
  [9, "INFO", "handled {method} {path} in {ms} ms"],
  [9, "INFO", "order {id} placed by user {user}"],
  [5, "DEBUG", "cache miss for key product:{id}"],
  [13, "WARN", "slow query took {ms} ms: {statement}"],
  [17, "ERROR", "cannot charge order {id}: card was declined"],
];
