"""Convolutions and transposed convolutions.

Output size of a convolution (Dumoulin & Visin 2016, relationship 6, with dilation):
    y = floor((x + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
"""
