"""Plain values that every stage shares. They import nothing of ours."""
