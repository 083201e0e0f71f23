#pragma once

#include <cstdint>
#include <filesystem>

#include "vqalign/vision/stored_regions.h"

namespace vqalign {

/// One picture's regions from an .npz as the reference and its extractors write it: x, [d, n] (as
/// released) or [n, d] (as newer extractors write), float16 or wider; bbox [n, 4], x1 y1 x2 y2 in
/// pixels; image_w and image_h (or width and height), in pixels. The axis of x that is not bbox's n
/// is the feature's; where both are, the released order is taken.
///
/// Without bbox x is a grid of cells, row by row, as CLEVR's (196, 1024) and GQA's (49, 2048): the
/// axis that has `width` is the feature's (the longer one when `width` is 0 or both have it). The
/// boxes are the cells of the picture; without its size a cell is one pixel and the grid must be
/// square, with it a grid that is not square takes the shape nearest the picture's.
///
/// Error naming the file: a member missing or of the wrong shape, a size that is no number of
/// pixels, a grid whose shape cannot be told.
StoredRegions read_npz_regions(const std::filesystem::path& file, int64_t width);

/// How many regions read_npz_regions() would give, from the headers alone.
int64_t count_npz_regions(const std::filesystem::path& file, int64_t width);

}  // namespace vqalign
