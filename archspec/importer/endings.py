"""Endings of files that hold a model, in place of a name that is imported. Nothing here loads torch."""

ONNX = ".onnx"
EXPORTED = ".pt2"  # torch.export.save
SAVED = (".pt", ".pth")  # torch.save
FILES = (ONNX, EXPORTED, *SAVED)
