"""What the templates show, worked out of domain values: plain functions from a value to something frozen and printable."""
