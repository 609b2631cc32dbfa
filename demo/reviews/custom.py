"""The only module of the reviews that knows OpenTelemetry, and only its API: without an SDK, such as `otelier run` brings, it does nothing.

It adds what no library can know: a span around the check of a review's words, its stars, and a count of reviews by stars.
"""

from opentelemetry import metrics, trace

_tracer = trace.get_tracer("bramble-and-buoy")
_reviews = metrics.get_meter("bramble-and-buoy").create_counter(
    "shop.reviews", unit="{review}", description="reviews written, by their stars"
)


def checked(check, body):
    """What `check(body)` returns, in a span "check review" below the request's; what it raises passes through."""
    with _tracer.start_as_current_span("check review", record_exception=False, set_status_on_exception=False) as span:
        review = check(body)
        span.set_attribute("shop.review.stars", review["stars"])
        span.set_attribute("shop.review.words", len(review["text"].split()))
        return review


def written(review):
    trace.get_current_span().set_attribute("shop.review.stars", review["stars"])
    _reviews.add(1, {"shop.review.stars": review["stars"]})
