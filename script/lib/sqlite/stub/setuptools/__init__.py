"""Stands in for setuptools while pip downloads, so that no code of the distribution runs."""
