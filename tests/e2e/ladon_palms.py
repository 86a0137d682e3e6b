"""Invented palms for tests: random canonical vein codes, laid out as matcher/vein_code.h says.

A template is 'L' 'V' version extractor, then three planes of fine lines, three of coarse ones and a
mask, 128 bytes each. Blocks of 8 x 8 cells are 8 bytes each, row by row of blocks; within one, cell
(x, y) is bit x of byte y. No image is involved: two codes with different seeds are as far apart as
two strangers, a code and its noisy sibling are one palm.
"""

import random

SIDE = 32
CELLS = SIDE * SIDE
PLANES = 6
PLANE_BYTES = CELLS // 8
TEMPLATE_BYTES = 4 + (PLANES + 1) * PLANE_BYTES
HEADER = b"LV\x02\x02"
# The six legal patterns (plane 0, plane 1, plane 2) in angular order: a circular Johnson code.
PATTERNS = ((0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1), (0, 1, 1), (0, 0, 1))
ILLEGAL_PATTERN = (0, 1, 0)


def place_of(number):
    """The byte of a plane and the bit in it that hold a cell, counted row by row."""
    y, x = divmod(number, SIDE)
    return (y // 8 * 4 + x // 8) * 8 + y % 8, x % 8


def draw_cell(draw):
    """The pattern of the fine lines, then that of the coarse ones."""
    return draw.choice(PATTERNS) + draw.choice(PATTERNS)


def serialize(cells):
    """cells: CELLS patterns or None (unreliable). Returns the bytes of the wire format."""
    planes = [bytearray(PLANE_BYTES) for _ in range(PLANES + 1)]
    for number, pattern in enumerate(cells):
        if pattern is None:
            continue
        byte, shift = place_of(number)
        for plane, bit in zip(planes, (*pattern, 1)):
            if bit:
                plane[byte] |= 1 << shift
    return HEADER + b"".join(bytes(plane) for plane in planes)


class Palm:
    """One invented palm; code() is how it was enrolled, code(noise) another presentation of it."""

    def __init__(self, seed):
        self._seed = seed
        draw = random.Random(f"palm {seed}")
        self.cells = [draw_cell(draw) if draw.random() < 0.9 else None for _ in range(CELLS)]

    def code(self, noise=0, share=0.08):
        """noise: a number that picks one of many presentations; 0 is the palm itself. share: of
        the cells, how many another presentation draws anew."""
        if noise == 0:
            return serialize(self.cells)
        draw = random.Random(f"palm {self._seed} noise {noise}")
        return serialize(
            [draw_cell(draw) if cell and draw.random() < share else cell
             for cell in self.cells])


def too_few_cells(seed):
    """A canonical code with one reliable cell fewer than a search needs (512)."""
    cells = Palm(seed).cells
    reliable = [number for number, cell in enumerate(cells) if cell is not None]
    for number in reliable[511:]:
        cells[number] = None
    return serialize(cells)


def with_illegal_pattern(seed):
    cells = Palm(seed).cells
    first = next(number for number, cell in enumerate(cells) if cell is not None)
    cells[first] = PATTERNS[0] + ILLEGAL_PATTERN
    return serialize(cells)


def with_bit_under_cleared_mask(seed):
    palm = Palm(seed)
    masked_out = next(number for number, cell in enumerate(palm.cells) if cell is None)
    code = bytearray(palm.code())
    byte, shift = place_of(masked_out)
    code[4 + byte] |= 1 << shift
    return bytes(code)
