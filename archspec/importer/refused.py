"""What the import of a module says where it cannot go on."""


class ImportFault(ValueError):
    """A module that cannot be imported; the message says where in the user's code and what would do."""


# What would do where samples meet each other, as the images and the texts of a batch: no member has such values.
APART = "return what it is made of too, as `return logits, image, text`: the spec leaves out what mixes samples"

# What would do where forward gives something else, such as a text.
GIVEN = "return a tensor, or a tuple, a list or a mapping of tensors"
# What would do where numbers come out of torch and in again, as through numpy: nobody sees what they follow from.
SEEN = "compute it with torch, which shows what it follows from"


class Refused(Exception):
    """A call that no spec can say.

    Attributes:
        reason: what stands against it: `no op for torch.roll`.
        path: the module in which it stands.
        place: the line of the user's code, "" where it is not known.
        cure: what would do, where that is not what usually does.
    """

    def __init__(self, reason: str, path: str = "", place: str = "", cure: str = "") -> None:
        super().__init__(reason)
        self.reason, self.path, self.place, self.cure = reason, path, place, cure

    def line(self) -> str:
        """One line for people: `layers.0 (swin.py:42): no op for roll`."""
        where = self.path or "the module itself"
        return f"{where} ({self.place}): {self.reason}" if self.place else f"{where}: {self.reason}"

    def whole(self, name: str, *, strict: bool) -> str:
        """The message about a module of this name that is refused, with what would do."""
        cure = self.cure or (
            "without --strict, a module inside of which this is a part may be opaque"
            if strict
            else "put these lines into a module inside, given and giving tensors with the batch first: it is opaque"
        )
        return f"{name} cannot be said in ops: {self.line()}\nhelp: {cure}"
