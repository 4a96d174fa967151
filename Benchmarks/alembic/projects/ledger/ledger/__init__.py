import sys

__version__ = "3.1"
