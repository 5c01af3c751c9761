"""Article pages of the made-up newsroom, with the furniture that real pages have around their text."""

from __future__ import annotations

from html import escape

from hotline.demo.feeds import story_url
from hotline.demo.newsroom import Outlet, Story

_FURNITURE = {
    "en": ("World", "Politics", "Sign up for our morning newsletter", "Read more", "All rights reserved"),
    "ru": ("В мире", "Политика", "Подпишитесь на утреннюю рассылку", "Читайте также", "Все права защищены"),
    "uk": ("Світ", "Політика", "Підпишіться на ранкову розсилку", "Читайте також", "Усі права захищено"),
}


def render_page(outlet: Outlet, story: Story, others: list[Story], base: str) -> str:
    """The page of `story`; `others` are linked beside it, as pages do."""
    world, politics, newsletter, more, rights = map(escape, _FURNITURE[outlet.language])
    published = story.published_at.isoformat(timespec="seconds")
    text = "\n".join(f"      <p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)
    related = "\n".join(
        f'      <li><a href="{story_url(other, base)}">{escape(other.title)}</a></li>' for other in others[:4]
    )
    return f"""<!doctype html>
<html lang="{outlet.language}">
<head>
  <meta charset="utf-8">
  <title>{escape(story.title)} | {escape(outlet.name)}</title>
  <link rel="canonical" href="{story_url(story, base)}">
  <meta property="og:title" content="{escape(story.title)}">
  <meta property="article:published_time" content="{published}">
  <meta name="description" content="{escape(story.summary)}">
</head>
<body>
  <header><a href="{base}/">{escape(outlet.name)}</a>
    <nav><a href="{base}/w">{world}</a> <a href="{base}/p">{politics}</a></nav></header>
  <main>
    <article>
      <h1>{escape(story.title)}</h1>
      <p class="byline"><time datetime="{published}">{story.published_at:%H:%M}</time></p>
{text}
      <aside class="newsletter"><p>{newsletter}</p><form><input type="email"></form></aside>
    </article>
    <aside><h2>{more}</h2><ul>
{related}
    </ul></aside>
  </main>
  <footer>© {escape(outlet.name)}. {rights}.</footer>
</body>
</html>
"""


MAINTENANCE_PAGE = """<!doctype html>
<html lang="en"><head><title>We will be back soon</title></head>
<body><h1>We will be back soon</h1><p>Our site is being improved. Please look in later.</p></body></html>
"""
