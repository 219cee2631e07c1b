"""Breaks one part of a private deployment after another, under load, and looks at what follows."""
