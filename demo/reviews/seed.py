"""Hundreds of reviews, the same at every start: names, openings and endings are drawn from a seeded generator."""

import random
from datetime import date, timedelta

FIRST = "Ada Bram Ciara Dorte Emeka Fenna Gwen Hakon Ines Jorun Katell Leif Maeve Niamh Oskar Petra Quirin Runa Solveig Tomos Ulla Vigo Wanda Yann Zita".split()
LAST = "Aldersey Brandt Corrigan Dahl Ekdal Faulkner Guivarch Holm Iversen Jessop Kerdreux Lund Morrow Nygaard Okafor Pellew Quist Rasmus Sandvik Tregear".split()

OPENINGS = {
    5: ["I did not expect to write about a {thing}, and here I am.", "Best {thing} I have owned.", "Bought one for me, then one for my sister."],
    4: ["A good {thing}, with one small wish.", "Does what it should, and looks fine doing it.", "Very nearly perfect."],
    3: ["It is a {thing}. It does the job.", "Nice idea, middling finish.", "Good in spring, less so in January."],
    2: ["I wanted to like it.", "The photograph is better than the {thing}.", "It arrived late and a little bent."],
    1: ["Mine gave up after a week.", "Sent it back.", "Not for the salt air, sadly."],
}
MIDDLES = [
    "We have used it nearly every day since the clocks changed.",
    "It has already been dropped on a slipway.",
    "The parcel smelled of cedar and rain.",
    "My neighbour borrowed it and forgot to bring it back, which says enough.",
    "The instructions fit on one card, as they should.",
    "Packed without plastic, which I noticed and liked.",
]
ENDINGS = {
    5: ["I would buy it again.", "It will be handed down.", "Ten winters to go."],
    4: ["A longer handle next year, perhaps.", "I would still recommend it.", "Four stars and a wave."],
    3: ["Fine for the price.", "I might try another maker.", "Ask me again in a year."],
    2: ["The shop was kind about it.", "It lives in the shed now.", "I expected more."],
    1: ["The refund came quickly.", "A pity.", "My old one is back in service."],
}


def reviews(catalogue: list[dict]) -> list[tuple]:
    draw = random.Random(20_261)
    written = []
    for product in catalogue:
        liking = draw.uniform(3.2, 4.7)
        thing = product["name"].split(",")[0].split(" ")[-1].lower()
        for _ in range(draw.randint(4, 14)):
            stars = min(5, max(1, round(draw.gauss(liking, 0.9))))
            parts = [draw.choice(OPENINGS[stars]), draw.choice(MIDDLES), draw.choice(ENDINGS[stars])]
            written.append(
                (
                    product["sku"],
                    f"{draw.choice(FIRST)} {draw.choice(LAST)}",
                    stars,
                    " ".join(parts).format(thing=thing),
                    (date(2026, 1, 5) + timedelta(days=draw.randint(0, 280))).isoformat(),
                    draw.randint(0, 19),
                )
            )
    written.sort(key=lambda review: review[4])
    return written
