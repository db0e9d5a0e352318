"""What every part of a saved result is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Frozen part of a result."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
