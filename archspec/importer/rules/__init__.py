"""Rules: which ops say a call of torch. A file for each family; a rule is declared under the functions' last names."""
