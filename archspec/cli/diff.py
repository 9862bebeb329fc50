"""`archspec diff`: what is different between two networks."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.cli.options import networks_options
