"""Fast list endpoints for Django REST framework; README.md describes how they are used."""

from fastlists.compiling import CompiledFunction, compiled
from fastlists.mixins import FastListMixin
from fastlists.projection import ProjectedQuery

__all__ = ["CompiledFunction", "FastListMixin", "ProjectedQuery", "compiled"]
