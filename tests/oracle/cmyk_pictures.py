"""Pictures in printers' colours for tests/vision/picture_test.cpp, as Pillow writes them: 32 x 32
pixels, quarters of red, green, blue and white, as JPEG (inverted, as Adobe's programs do) and TIFF.

    python3 tests/oracle/cmyk_pictures.py tests/vision/pictures
"""

import pathlib
import sys

from PIL import Image

SIDE = 32
QUARTERS = {(0, 0): (255, 0, 0), (16, 0): (0, 255, 0), (0, 16): (0, 0, 255), (16, 16): (255,) * 3}


def main():
    folder = pathlib.Path(sys.argv[1])
    picture = Image.new("RGB", (SIDE, SIDE))
    for (x, y), colour in QUARTERS.items():
        picture.paste(colour, (x, y, x + SIDE // 2, y + SIDE // 2))
    for name in ("cmyk.jpg", "cmyk.tiff"):
        picture.convert("CMYK").save(folder / name, quality=95)


main()
