"""What is published beside the code: the documentation site, and the bill of materials."""
