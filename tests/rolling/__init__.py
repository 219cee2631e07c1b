"""Two releases side by side, on one database and one Redis."""
