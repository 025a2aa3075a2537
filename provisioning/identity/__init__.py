"""Who is calling and what they may do. `rights.decide` is the one place that decides; everything else asks it."""
