"""What it costs to know what an article is, at a million articles: `python -m benchmarks.corpus`.

A corpus in the real schema, 10,000 articles a day, every one of them matched; half found a story, half
join one, one in eight is a copy. Most are made of random fingerprints and terms, as many as a text of
500 words has, since a hash of a text that nobody else has is a random number; one in five hundred
carries a real text. Asked are articles that copy one of those with every twelfth word changed, and
articles of their own, half and half.

Another process asks, so that its memory is only what asking takes. Costs are its CPU with the signature,
and the time on the clock, which is what PostgreSQL shows.
"""
