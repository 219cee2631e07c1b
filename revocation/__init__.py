"""Real logout for Django GraphQL APIs: a revoked token fails every protected query."""

__version__ = "0.1.0"
