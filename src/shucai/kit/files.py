"""文件 files: what is stored, the virus scanner, and contents nobody names."""

from shucai.kernel.files import centre
from shucai.kernel.files.models import StoredFile

__all__ = ["StoredFile", "centre"]
