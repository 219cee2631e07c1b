"""What ten million rows change: nothing for a request, and a purge that nobody notices."""
