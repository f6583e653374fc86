"""What we know of rivers and those who answer for them: values in, values out; no framework, socket or clock."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("riverchief")
except PackageNotFoundError:  # a bare checkout on the path, not installed
    __version__ = "0+unknown"
