"""A portrait from any picture: upright, square, small, encoded anew, so that nothing but the picture is left of it."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageOps

from omnicrm.formats import Unreadable

SIDE = 512  # pixels
MOST_PIXELS = 60_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def portrait(source: Path) -> bytes:
    """The middle of a picture as a JPEG of 512 by 512 pixels at most, without any of its metadata (place, camera).

    Raises Unreadable for what is no picture, or one of more than 60 million pixels.
    """
    try:
        with Image.open(source, formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Unreadable("The picture is too large: at most 60 million pixels.")
            opened.draft("RGB", (SIDE * 2, SIDE * 2))  # a JPEG is read no larger than needed
            turned = ImageOps.exif_transpose(opened)
            square = ImageOps.fit(_opaque(turned), (min(SIDE, *turned.size),) * 2, Image.Resampling.LANCZOS)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unreadable("This picture cannot be read. Save it as JPEG or PNG, and try again.") from error
    out = io.BytesIO()
    square.save(out, "JPEG", quality=86, optimize=True)
    return out.getvalue()


def _opaque(picture: Image.Image) -> Image.Image:
    """Where it is see-through, white shows."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        return ground
    return picture.convert("RGB")
