"""Does the API keep its word? Clients act at random and record it; a checker reads the record."""
