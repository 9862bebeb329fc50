"""Look: colours, type and themes. They never change what is drawn."""
