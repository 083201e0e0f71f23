#pragma once

#include <filesystem>

#include "vqalign/train/attention_summary.h"

namespace vqalign {

/// Writes one HTML page for any browser, offline: the tables of attention_tables.h, pointing as
/// bars beside chance, and every head's pointing ratio, entropy and MMD as tinted cells; of both
/// models side by side where there are two, tinted alike. The same report gives the same bytes;
/// written atomically.
void write_attention_page(const std::filesystem::path& path, const AttentionReport& report);

}  // namespace vqalign
