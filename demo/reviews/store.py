"""Products' names, reviews and ratings in SQLite. The file is made anew at each start, so it never grows old or large."""

import json
import os
import sqlite3
from pathlib import Path

from werkzeug.exceptions import NotFound, UnprocessableEntity

import seed

PAGE_SIZE = 5
KEPT_REVIEWS = 5000

SCHEMA = """
CREATE TABLE products (sku TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, blurb TEXT NOT NULL);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sku TEXT NOT NULL REFERENCES products, author TEXT NOT NULL,
    stars INTEGER NOT NULL, text TEXT NOT NULL, written TEXT NOT NULL, helpful INTEGER NOT NULL DEFAULT 0);
CREATE INDEX reviews_sku ON reviews (sku, id);
"""

CARD = """SELECT p.sku, p.name, p.category, p.blurb, round(avg(r.stars), 2) AS rating, count(r.id) AS reviews
          FROM products p LEFT JOIN reviews r ON r.sku = p.sku """


def connect(database: str) -> sqlite3.Connection:
    connection = sqlite3.connect(database, timeout=5)
    connection.row_factory = sqlite3.Row
    return connection


def create(database: str) -> None:
    for leftover in (database, database + "-wal", database + "-shm"):
        Path(leftover).unlink(missing_ok=True)
    os.makedirs(os.path.dirname(os.path.abspath(database)), exist_ok=True)
    catalogue = json.loads(Path(__file__).with_name("products.json").read_text("utf-8"))
    with connect(database) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO products VALUES (:sku, :name, :category, :blurb)", catalogue)
        connection.executemany(
            "INSERT INTO reviews (sku, author, stars, text, written, helpful) VALUES (?, ?, ?, ?, ?, ?)",
            seed.reviews(catalogue),
        )
    connection.close()


def rows(db: sqlite3.Connection, query: str, *values) -> list[dict]:
    return [dict(row) for row in db.execute(query, values)]


def products(db: sqlite3.Connection, category: str) -> list[dict]:
    return rows(db, CARD + "WHERE ? IN ('', p.category) GROUP BY p.sku ORDER BY p.category, p.name", category)


def product(db: sqlite3.Connection, sku: str) -> dict:
    found = rows(db, CARD + "WHERE p.sku = ? GROUP BY p.sku", sku)
    if not found:
        raise NotFound(f"no product has the number {sku}")
    return found[0]


def ratings(db: sqlite3.Connection, numbers: list[str]) -> dict:
    marks = ",".join("?" * len(numbers))
    found = rows(
        db,
        f"SELECT sku, round(avg(stars), 2) AS rating, count(*) AS reviews FROM reviews WHERE sku IN ({marks}) GROUP BY sku",
        *numbers,
    )
    return {row.pop("sku"): row for row in found}


def reviews(db: sqlite3.Connection, sku: str, page: int) -> dict:
    total = db.execute("SELECT count(*) FROM reviews WHERE sku = ?", (sku,)).fetchone()[0]
    pages = max(1, -(-total // PAGE_SIZE))
    if not 1 <= page <= pages:
        raise NotFound(f"page {page} of the reviews does not exist; there are {pages}")
    listed = rows(
        db,
        "SELECT id, author, stars, text, written, helpful FROM reviews WHERE sku = ? ORDER BY id DESC LIMIT ? OFFSET ?",
        sku,
        PAGE_SIZE,
        (page - 1) * PAGE_SIZE,
    )
    return {"page": page, "pages": pages, "total": total, "reviews": listed}


def checked_review(body) -> dict:
    """A review as it may be stored; says everything that is wrong with it at once."""
    if not isinstance(body, dict):
        raise UnprocessableEntity("a review is a JSON object with author, stars and text")
    author, text, stars = str(body.get("author", "")).strip(), str(body.get("text", "")).strip(), body.get("stars")
    problems = []
    if not 1 <= len(author) <= 60:
        problems.append("the author's name must have 1 to 60 letters")
    if not isinstance(stars, int) or not 1 <= stars <= 5:
        problems.append("stars must be a whole number from 1 to 5")
    if not 10 <= len(text) <= 1000:
        problems.append("the text must have 10 to 1000 letters")
    if text.count("!") > 3:
        problems.append("three exclamation marks are enough")
    if problems:
        raise UnprocessableEntity("; ".join(problems))
    return {"author": author, "stars": stars, "text": text}


def add_review(db: sqlite3.Connection, sku: str, review: dict) -> int:
    with db:
        cursor = db.execute(
            "INSERT INTO reviews (sku, author, stars, text, written) VALUES (?, ?, ?, ?, date('now'))",
            (sku, review["author"], review["stars"], review["text"]),
        )
        db.execute("DELETE FROM reviews WHERE id <= ?", (cursor.lastrowid - KEPT_REVIEWS,))
        return cursor.lastrowid


def mark_helpful(db: sqlite3.Connection, number: int) -> int:
    with db:
        db.execute("UPDATE reviews SET helpful = helpful + 1 WHERE id = ?", (number,))
    found = db.execute("SELECT helpful FROM reviews WHERE id = ?", (number,)).fetchone()
    if found is None:
        raise NotFound(f"no review has the number {number}")
    return found["helpful"]
