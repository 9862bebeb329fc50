"""Rules: one file each, called as the rule. A rule asks about values and facts of ops, never for the name of an op."""
