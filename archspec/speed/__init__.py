"""Speed: how long a network takes on a device, estimated from its graph (`roofline.py`) and a table of devices.

Nothing here runs anything: `runtime/timing.py` measures.
"""
