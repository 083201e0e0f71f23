#include "vqalign/core/formats/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path)
      // A FIFO without a writer would block an ordinary open for ever.
      : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

}  // namespace

std::shared_ptr<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const Descriptor descriptor(path);
  struct stat status = {};
  if (descriptor.value() < 0 || ::fstat(descriptor.value(), &status) != 0) {
    fail(path.string(), ": cannot open: ", std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) fail(path.string(), ": is a folder, not a file");
  if (!S_ISREG(status.st_mode)) fail(path.string(), ": is no regular file");
  if (status.st_size == 0) fail(path.string(), ": is empty");
  const auto size = static_cast<std::size_t>(status.st_size);
  // Pages are copied only when written to, so no memory needs to be set aside for all of them.
  void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
                      descriptor.value(), 0);
  if (data == MAP_FAILED) fail(path.string(), ": cannot map: ", std::strerror(errno));
  return std::shared_ptr<MappedFile>(new MappedFile(static_cast<char*>(data), size));
}

MappedFile::~MappedFile() {
  ::munmap(data_, size_);
}

void MappedFile::drop_pages() const {
  ::madvise(data_, size_, MADV_DONTNEED);
}

}  // namespace vqalign
