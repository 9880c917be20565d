"""Staging → production: what is proven, text rewrite, Git branch."""
