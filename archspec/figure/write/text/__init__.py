"""Text: how words and numbers are written in a picture's file. No format lives here: nobody looks for one."""
