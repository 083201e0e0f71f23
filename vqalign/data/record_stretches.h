#pragma once

#include <filesystem>
#include <future>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "vqalign/core/error.h"
#include "vqalign/core/json_stream.h"

namespace vqalign::detail {

/// Guesses stretches of a file that each hold whole records of its list `list_key` (empty: the root
/// is the list), up to one a thread; one, the file as it is, where a guess is hard or the file too
/// small (`threads` 0) to be worth several. Only a reader can tell whether a guess was right.
std::vector<JsonStretch> guess_stretches(const std::filesystem::path& path,
                                         std::string_view list_key, int threads);

/// Reads stretches side by side; nothing where they turn out not to be parts of one list.
template <typename MakeReader>
auto read_stretches(const std::filesystem::path& path, const std::vector<JsonStretch>& stretches,
                    MakeReader make_reader) {
  using Records = decltype(make_reader().take());
  const auto read = [&](const JsonStretch& stretch) -> std::optional<Records> {
    auto reader = make_reader();
    stream_json(path, stretch, reader);
    if (!reader.is_stretch(&stretch == &stretches.back())) return std::nullopt;
    return reader.take();
  };
  std::vector<std::future<std::optional<Records>>> others;
  for (std::size_t i = 1; i < stretches.size(); ++i) {
    others.push_back(std::async(std::launch::async, read, std::cref(stretches[i])));
  }
  std::optional<Records> all = read(stretches.front());
  for (auto& other : others) {
    std::optional<Records> more = other.get();
    if (!all || !more) return std::optional<Records>();
    all->insert(all->end(), std::make_move_iterator(more->begin()),
                std::make_move_iterator(more->end()));
  }
  return all;
}

/// Reads a file's list of records; `make_reader` gives a new RecordListReader of `list_key`. What
/// is read and what is thrown is the same for any number of threads.
template <typename MakeReader>
auto read_records(const std::filesystem::path& path, std::string_view list_key, int threads,
                  MakeReader make_reader) {
  const std::vector<JsonStretch> stretches = guess_stretches(path, list_key, threads);
  if (stretches.size() > 1) {
    try {
      if (auto records = read_stretches(path, stretches, make_reader)) return *std::move(records);
    } catch (const Error&) {
      // A wrong guess, or a fault of the file: reading it from its start tells its place.
    }
  }
  auto reader = make_reader();
  stream_json(path, reader);
  return reader.take();
}

}  // namespace vqalign::detail
