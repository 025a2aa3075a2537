from pathlib import Path

__version__ = "0.2.0"

PROJECT = Path(__file__).resolve().parent.parent
