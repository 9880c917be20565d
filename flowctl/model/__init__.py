"""Nouns that cross layers: frozen dataclasses without behaviour of their own, importing nothing of flowctl."""
