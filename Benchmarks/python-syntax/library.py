"""Writes what CPython gives for the expressions of a golden file.

Usage: TZ=UTC python3.12 library.py Tests/PythonSubsetTests/Data/library.txt
"""

import sys
import ast, base64, binascii, collections, copy, dataclasses, datetime, decimal, enum
import functools, hashlib, pprint
import itertools, json, math, operator, os, random, re, string, textwrap, uuid
from datetime import date, time, timedelta, timezone
import bisect, contextvars, heapq, importlib, inspect, numbers, threading, traceback, typing
from decimal import Decimal
from packaging.version import Version
from pathlib import Path, PurePosixPath
from urllib import parse as url
from zoneinfo import ZoneInfo

dt = datetime.datetime


def attempt(f):
    try:
        return f()
    except Exception as error:
        return type(error).__name__ + ": " + str(error)


path = sys.argv[1]
with open(path, encoding="utf-8") as file:
    sources = [line.split("\t")[0].rstrip("\n") for line in file if line.strip()]
with open(path, "w", encoding="utf-8") as file:
    for source in sources:
        result = eval("attempt(lambda: (%s))" % source)
        file.write("%s\t%r\n" % (source, result))
