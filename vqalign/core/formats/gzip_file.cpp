#include "vqalign/core/formats/gzip_file.h"

#include <zlib.h>

#include <algorithm>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/mapped_file.h"

namespace vqalign {
namespace {

constexpr int kGzipOnly = 15 + 16;  // window bits, and gzip's header wanted
constexpr std::size_t kPieceBytes = 1 << 18;
constexpr std::size_t kMostPlaces = 1024;

}  // namespace

/// The unpacking of one file, at some place of it.
class GzipFile::Unpacking {
 public:
  Unpacking(const std::string& name, std::string_view packed) : name_(name), packed_(packed) {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  Unpacking(const Unpacking& other)
      : name_(other.name_), packed_(other.packed_), at_(other.at_), ended_(other.ended_) {
    // zlib reads the source alone, but its interface is older than const.
    if (inflateCopy(&stream_, const_cast<z_stream*>(&other.stream_)) != Z_OK) {
      throw std::bad_alloc();
    }
    used_ = other.used_;
  }
  ~Unpacking() { inflateEnd(&stream_); }
  Unpacking& operator=(const Unpacking&) = delete;

  uint64_t at() const { return at_; }

  /// Unpacks up to `bytes` more; fewer only at the end of the file.
  std::size_t read(char* out, std::size_t bytes) {
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    std::size_t left = bytes;
    while (left > 0 && !ended_) left -= step(left);
    return bytes - left;
  }

 private:
  std::size_t step(std::size_t room) {
    constexpr std::size_t kMost = 1 << 30;  // zlib counts in 32 bits
    const std::size_t given = std::min(packed_.size() - used_, kMost);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed_.data() + used_));
    stream_.avail_in = static_cast<uInt>(given);
    stream_.avail_out = static_cast<uInt>(std::min(room, kMost));
    const uInt before = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    used_ += given - stream_.avail_in;
    const std::size_t made = before - stream_.avail_out;
    at_ += made;
    if (result == Z_STREAM_END) {
      next_member();
    } else if (result == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      fail(name_, ": is damaged as a gzip file at byte ", used_);
    } else if (made == 0 && used_ == packed_.size()) {
      fail(name_, ": ends in the middle of its packed bytes");
    }
    return made;
  }

  void next_member() {
    // Tapes and some downloads fill the last block up with zeros.
    if (packed_.find_first_not_of('\0', used_) == std::string_view::npos) {
      ended_ = true;
    } else {
      inflateReset(&stream_);
    }
  }

  const std::string& name_;
  std::string_view packed_;
  z_stream stream_ = {};
  std::size_t used_ = 0;
  uint64_t at_ = 0;
  bool ended_ = false;
};

struct GzipFile::State {
  std::string name;
  std::shared_ptr<MappedFile> file;
  std::vector<std::unique_ptr<Unpacking>> places;  // in ascending order
  uint64_t spacing = uint64_t{1} << 20;
  std::mutex mutex;
  std::unique_ptr<Unpacking> current;

  /// Keeps the place when it is far enough behind the last one. When there are too many, every
  /// second goes and the distance doubles.
  void keep(const Unpacking& unpacking) {
    if (!places.empty() && unpacking.at() < places.back()->at() + spacing) return;
    places.push_back(std::make_unique<Unpacking>(unpacking));
    if (places.size() < kMostPlaces) return;
    for (std::size_t i = 0; 2 * i < places.size(); ++i) places[i] = std::move(places[2 * i]);
    places.resize((places.size() + 1) / 2);
    spacing *= 2;
  }

  /// An unpacking at `offset` or before it, the nearest there is.
  void approach(uint64_t offset) {
    const auto behind =
        std::upper_bound(places.begin(), places.end(), offset,
                         [](uint64_t wanted, const auto& place) { return wanted < place->at(); });
    if (behind == places.begin()) fail(name, ": was not scanned");
    const Unpacking& nearest = **std::prev(behind);
    const bool usable = current && current->at() <= offset && current->at() >= nearest.at();
    if (!usable) current = std::make_unique<Unpacking>(nearest);
  }
};

GzipFile::GzipFile(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->name = path.string();
  state_->file = MappedFile::open(path);
}

GzipFile::~GzipFile() = default;

void GzipFile::scan(const std::function<void(std::string_view)>& visit) {
  Unpacking unpacking(state_->name, state_->file->text());
  std::string piece(kPieceBytes, '\0');
  state_->keep(unpacking);
  while (const std::size_t made = unpacking.read(piece.data(), piece.size())) {
    visit(std::string_view(piece).substr(0, made));
    state_->keep(unpacking);
  }
}

void GzipFile::read(uint64_t offset, char* out, std::size_t bytes) const {
  const std::lock_guard lock(state_->mutex);
  state_->approach(offset);
  Unpacking& unpacking = *state_->current;
  std::string skipped(std::min<uint64_t>(offset - unpacking.at(), kPieceBytes), '\0');
  bool short_of = false;
  while (unpacking.at() < offset && !short_of) {
    const auto left = std::min<uint64_t>(offset - unpacking.at(), skipped.size());
    short_of = unpacking.read(skipped.data(), left) < left;
  }
  if (short_of || unpacking.read(out, bytes) < bytes) {
    fail(state_->name, ": unpacks to fewer than ", offset + bytes, " bytes");
  }
}

}  // namespace vqalign
