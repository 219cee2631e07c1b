"""What a protected request costs behind a real server: throughput, latency, memory, and rows."""
