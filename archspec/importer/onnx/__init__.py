"""An ONNX model as a torch module, which is then imported as any module is.

read       the file: nodes with their scopes, constants, inputs and outputs
scopes     nodes in the modules that they were exported from, each of which runs as one
weights    what holds weights: convolutions, linear layers, norms, embeddings
operators  what holds none, as calls of torch
parts      modules that run nodes
"""
