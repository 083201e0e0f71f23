#pragma once

#include <filesystem>

#include "vqalign/cli/context.h"
#include "vqalign/vision/feature_store.h"

namespace vqalign {

/// The result of a verb that wrote a packed store.
void print_packed(const std::filesystem::path& out, const PackedSummary& summary, double seconds,
                  Context& context);

}  // namespace vqalign
