"""An article of the archive as the topics read it."""

from __future__ import annotations

from storage.archive import ArchivedArticle
from topics.document import Document


def document_of(article: ArchivedArticle) -> Document:
    """The same fields under the names of the query language."""
    return Document(
        title=article.title,
        summary=article.summary,
        text=article.text,
        lang=article.language,
        url=article.url,
        author=article.author,
        feed=article.feed,
        country=article.country,
        kind=article.kind,
    )
