"""Writes files and folders atomically, and checks in advance whether they can be written."""

from imagemood._files.atomic import atomic_file, check_file, write_file
from imagemood._files.folders import atomic_folder, check_folder, create_folder
from imagemood._files.streams import is_stream, write_all
from imagemood._files.targets import reported_errors

__all__ = [
    "atomic_file",
    "atomic_folder",
    "check_file",
    "check_folder",
    "create_folder",
    "is_stream",
    "reported_errors",
    "write_all",
    "write_file",
]
