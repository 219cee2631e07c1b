"""What a protected request costs, ours and others', side by side."""
