#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace vqalign {

/// A gzip file (RFC 1952; several members one behind the other are fine) to be read at any place of
/// what it unpacks to. Nobody can jump into packed text: what is before a place has to be unpacked
/// first. scan() therefore goes through the file once and keeps the state of the unpacking at about
/// a thousand places (some 45 MB for the largest file), from which read() starts. Reading forwards
/// goes on where the last read ended; reading to and fro in a large file is slow.
class GzipFile {
 public:
  /// Error naming the file when it is missing or empty.
  explicit GzipFile(const std::filesystem::path& path);
  ~GzipFile();
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  static bool is_gzip(std::string_view start) { return start.starts_with("\x1f\x8b"); }

  /// Unpacks it from start to end and hands out piece by piece. Call it once and before read().
  /// Error when the file is cut short, damaged (checksums are compared) or no gzip file. What
  /// `visit` throws passes through.
  void scan(const std::function<void(std::string_view piece)>& visit);

  /// Fills `out` with the unpacked bytes from `offset` on; Error as of scan(), and when there are
  /// fewer. May be called from several threads at once; one of them reads at a time.
  void read(uint64_t offset, char* out, std::size_t bytes) const;

 private:
  class Unpacking;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vqalign
