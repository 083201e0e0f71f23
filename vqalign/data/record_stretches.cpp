#include "vqalign/data/record_stretches.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

namespace vqalign::detail {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{1} << 16;
constexpr uint64_t kWorthAThread = uint64_t{4} << 20;
constexpr uint64_t kMostStretches = 64;
constexpr std::string_view kWhiteSpace = " \t\r\n";

std::string read_window(std::ifstream& file, uint64_t offset) {
  std::string window(kWindowBytes, '\0');
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(window.data(), static_cast<std::streamsize>(window.size()));
  window.resize(file.gcount() > 0 ? static_cast<std::size_t>(file.gcount()) : 0);
  return window;
}

/// Behind `wanted` and the white space before it; npos when something else stands there.
std::size_t skip(std::string_view text, std::size_t position, std::string_view wanted) {
  position = text.find_first_not_of(kWhiteSpace, position);
  if (position == text.npos || !text.substr(position).starts_with(wanted)) return text.npos;
  return position + wanted.size();
}

/// How the first record begins, up to the end of its first key; empty when that is not seen.
std::string_view first_beginning(std::string_view head, std::string_view list_key) {
  std::size_t list = 0;
  if (!list_key.empty()) {
    const std::string key = '"' + std::string(list_key) + '"';
    list = head.find(key);
    if (list != head.npos) list = skip(head, list + key.size(), ":");
  }
  if (list != head.npos) list = skip(head, list, "[");
  const std::size_t record = list == head.npos ? list : skip(head, list, "{");
  const std::size_t key = record == head.npos ? record : skip(head, record, "\"");
  const std::size_t end = key == head.npos ? key : head.find('"', key);
  return end == head.npos ? std::string_view() : head.substr(record - 1, end + 2 - record);
}

struct Cut {
  uint64_t comma, record;
};

/// The first place behind `offset` where a record seems to begin after another.
std::optional<Cut> find_cut(std::string_view window, uint64_t offset, std::string_view beginning) {
  for (std::size_t at = window.find(beginning); at != window.npos;
       at = window.find(beginning, at + 1)) {
    const std::size_t before = at == 0 ? at : window.find_last_not_of(kWhiteSpace, at - 1);
    if (at > 0 && before != window.npos && window[before] == ',')
      return Cut{offset + before, offset + at};
  }
  return std::nullopt;
}

}  // namespace

std::vector<JsonStretch> guess_stretches(const std::filesystem::path& path,
                                         std::string_view list_key, int threads) {
  std::vector<JsonStretch> stretches(1);
  std::error_code unknown;
  const uint64_t size = std::filesystem::file_size(path, unknown);
  if (unknown) return stretches;
  const uint64_t cores = std::max(1u, std::thread::hardware_concurrency());
  const uint64_t parts = threads > 0 ? std::min<uint64_t>(threads, kMostStretches)
                                     : std::clamp<uint64_t>(size / kWorthAThread, 1, cores);
  if (parts == 1) return stretches;
  std::ifstream file(path, std::ios::binary);
  const std::string head = read_window(file, 0);
  const std::string_view beginning = first_beginning(head, list_key);
  if (beginning.empty()) return stretches;
  const bool root = list_key.empty();
  for (uint64_t part = 1; part < parts; ++part) {
    const uint64_t offset = std::max(size / parts * part, stretches.back().begin + 1);
    const std::optional<Cut> cut = find_cut(read_window(file, offset), offset, beginning);
    if (!cut) continue;
    stretches.back().end = cut->comma;
    stretches.back().after = root ? "]" : "]}";
    stretches.emplace_back().begin = cut->record;
    stretches.back().before = root ? "[" : "{\"" + std::string(list_key) + "\":[";
  }
  return stretches;
}

}  // namespace vqalign::detail
