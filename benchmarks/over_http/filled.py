"""Fills a database with all that anybody needs: `python -m benchmarks.over_http.filled`."""

import django

from .. import stage


def main() -> None:
    """Create every contender's tables, the list and the user, where `DATABASE_URL` says."""
    django.setup()
    stage.fill()


if __name__ == "__main__":
    main()
