"""Reviews of the Bramble & Buoy shop: ratings, reader's words, and what goes well with what."""

import os
import signal
import sys
import time

import waitress
from flask import Flask, g, jsonify, request
from werkzeug.exceptions import HTTPException

import advice
import custom
import logs
import store

log = logs.configure("reviews")


def create_app(database: str, inventory_url: str | None) -> Flask:
    app = Flask(__name__)
    store.create(database)

    @app.before_request
    def start_timer():
        g.started = time.perf_counter()
        g.db = store.connect(database)

    @app.teardown_request
    def close_database(_error):
        if "db" in g:
            g.db.close()

    @app.after_request
    def log_request(response):
        if request.path != "/healthz":
            level = "error" if response.status_code >= 500 else "warning" if response.status_code >= 400 else "info"
            getattr(log, level)(
                "request served",
                extra={
                    "method": request.method,
                    "path": request.path,
                    "status": response.status_code,
                    "duration_ms": round((time.perf_counter() - g.started) * 1000, 2),
                },
            )
        return response

    @app.errorhandler(HTTPException)
    def refuse(problem):
        return jsonify(error=problem.description), problem.code

    @app.errorhandler(Exception)
    def break_down(problem):
        log.exception("request failed: %s", problem, extra={"path": request.path})
        return jsonify(error="the reviews are out of order"), 500

    @app.get("/healthz")
    def health():
        return jsonify(status="ok")

    @app.get("/products")
    def list_products():
        return jsonify(store.products(g.db, request.args.get("category", "")))

    @app.get("/products/<sku>")
    def get_product(sku):
        return jsonify(store.product(g.db, sku))

    @app.get("/products/<sku>/reviews")
    def list_reviews(sku):
        store.product(g.db, sku)
        page = request.args.get("page", default=1, type=int)
        return jsonify(store.reviews(g.db, sku, page))

    @app.post("/products/<sku>/reviews")
    def add_review(sku):
        store.product(g.db, sku)
        review = custom.checked(store.checked_review, request.get_json(silent=True))
        number = store.add_review(g.db, sku, review)
        custom.written(review)
        log.info("review written", extra={"sku": sku, "review": number, "stars": review["stars"]})
        return jsonify(id=number), 201

    @app.post("/reviews/<int:number>/helpful")
    def mark_helpful(number):
        return jsonify(id=number, helpful=store.mark_helpful(g.db, number))

    @app.get("/products/<sku>/recommendations")
    def recommend(sku):
        return jsonify(advice.recommend(g.db, store.product(g.db, sku), inventory_url))

    @app.get("/ratings")
    def ratings():
        return jsonify(store.ratings(g.db, request.args.get("sku", "").split(",")))

    @app.get("/reports/trends")
    def trends():
        return jsonify(advice.trends(g.db))

    return app


def stop(_signal, _frame):
    log.info("reviews stops")
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8081"))
    application = create_app(os.environ.get("REVIEWS_DB", "reviews.sqlite"), os.environ.get("INVENTORY_URL"))
    log.info("reviews listens", extra={"address": f"{host}:{port}"})
    waitress.serve(application, host=host, port=port, threads=8, ident=None)
