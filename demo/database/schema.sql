-- Stock, reservations and orders of the shop. Owned by the inventory service.
CREATE TABLE warehouses (id integer PRIMARY KEY, code text NOT NULL UNIQUE, name text NOT NULL, city text NOT NULL, country text NOT NULL);
CREATE TABLE products (sku text PRIMARY KEY, name text NOT NULL, category text NOT NULL, price_cents integer NOT NULL CHECK (price_cents > 0), blurb text NOT NULL, featured boolean NOT NULL DEFAULT false);
CREATE INDEX products_category ON products (category, name);
CREATE TABLE stock (sku text NOT NULL REFERENCES products, warehouse_id integer NOT NULL REFERENCES warehouses, quantity integer NOT NULL CHECK (quantity >= 0), capacity integer NOT NULL, PRIMARY KEY (sku, warehouse_id));
CREATE TABLE reservations (id bigserial PRIMARY KEY, cart text NOT NULL, status text NOT NULL DEFAULT 'held' CHECK (status IN ('held', 'confirmed', 'released')), created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL);
CREATE INDEX reservations_held ON reservations (expires_at) WHERE status = 'held';
CREATE TABLE reservation_lines (reservation_id bigint NOT NULL REFERENCES reservations ON DELETE CASCADE, sku text NOT NULL REFERENCES products, warehouse_id integer NOT NULL REFERENCES warehouses, quantity integer NOT NULL CHECK (quantity > 0), PRIMARY KEY (reservation_id, sku, warehouse_id));
CREATE TABLE orders (id bigserial PRIMARY KEY, reservation_id bigint NOT NULL UNIQUE REFERENCES reservations ON DELETE CASCADE, customer text NOT NULL, payment_reference text NOT NULL, total_cents integer NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX orders_created ON orders (created_at);
