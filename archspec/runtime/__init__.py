"""Runtime: what needs torch: emitted source as a live module, measured and compared. torch is imported here only."""
