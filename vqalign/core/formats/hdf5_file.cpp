#include "vqalign/core/formats/hdf5_file.h"

#include <hdf5.h>

#include <map>
#include <mutex>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/hdf5_dataset.h"
#include "vqalign/core/formats/mapped_file.h"

namespace vqalign {
namespace {

// The library keeps its state in globals.
std::mutex& hdf5_lock() {
  static std::mutex lock;
  return lock;
}

}  // namespace

struct Hdf5File::State {
  std::string name;
  uint64_t bytes = 0;
  Hdf5Handle file;
  std::map<std::string, Hdf5Dataset> datasets;  // those asked for so far

  std::string where(const std::string& dataset) const {
    return concat(name, ": dataset \"", dataset, "\"");
  }

  Hdf5Dataset& at(const std::string& wanted) {
    const auto known = datasets.find(wanted);
    if (known != datasets.end()) return known->second;
    Hdf5Dataset dataset = open_hdf5_dataset(file.id(), wanted, bytes, where(wanted));
    return datasets.emplace(wanted, std::move(dataset)).first->second;
  }

  void read(Hdf5Dataset& dataset, const std::string& wanted, int64_t first, int64_t count,
            hid_t type, void* out) const {
    if (count == 0 || dataset.row_items() == 0) return;
    dataset.chunks.check_rows(dataset.id.id(), dataset.shape, first, count, bytes, where(wanted));
    const Hdf5Handle space(H5Dget_space(dataset.id.id()), H5Sclose);
    std::vector<hsize_t> start(dataset.shape.size(), 0);
    std::vector<hsize_t> size(dataset.shape.begin(), dataset.shape.end());
    start[0] = static_cast<hsize_t>(first);
    size[0] = static_cast<hsize_t>(count);
    const Hdf5Handle memory(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr),
                            H5Sclose);
    if (H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, size.data(),
                            nullptr) < 0 ||
        H5Dread(dataset.id.id(), type, memory.id(), space.id(), H5P_DEFAULT, out) < 0) {
      fail(where(wanted), ": rows ", first, " to ", first + count - 1,
           " cannot be read: the file is damaged or cut short");
    }
  }
};

Hdf5File::Hdf5File(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->name = path.string();
  // Also refuses what would block or is no file, which the library would not.
  const auto mapped = MappedFile::open(path);
  state_->bytes = mapped->size();
  if (!is_hdf5(mapped->text())) fail(state_->name, ": is no HDF5 file");
  const std::lock_guard lock(hdf5_lock());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  // No filter is loaded from files: those that are read are built in.
  H5PLset_loading_state(0);
  state_->file = Hdf5Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!state_->file.good()) {
    fail(state_->name,
         ": cannot be opened as HDF5: it is damaged, cut short or still being written");
  }
}

Hdf5File::~Hdf5File() {
  const std::lock_guard lock(hdf5_lock());
  state_.reset();
}

bool Hdf5File::has(const std::string& name) const {
  const std::lock_guard lock(hdf5_lock());
  return H5Lexists(state_->file.id(), name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<int64_t> Hdf5File::shape(const std::string& name) const {
  const std::lock_guard lock(hdf5_lock());
  return state_->at(name).shape;
}

std::string Hdf5File::type(const std::string& name) const {
  const std::lock_guard lock(hdf5_lock());
  const Hdf5Dataset& dataset = state_->at(name);
  return concat(dataset.floats ? "float" : "int", 8 * dataset.item_bytes);
}

void Hdf5File::read_rows(const std::string& name, int64_t first, int64_t count, float* out) const {
  const std::lock_guard lock(hdf5_lock());
  state_->read(state_->at(name), name, first, count, H5T_NATIVE_FLOAT, out);
}

std::vector<int64_t> Hdf5File::read_integers(const std::string& name) const {
  const std::lock_guard lock(hdf5_lock());
  Hdf5Dataset& dataset = state_->at(name);
  if (dataset.floats) fail(state_->where(name), ": holds real numbers, expected integers");
  std::vector<int64_t> numbers(static_cast<std::size_t>(dataset.shape[0] * dataset.row_items()));
  state_->read(dataset, name, 0, dataset.shape[0], H5T_NATIVE_INT64, numbers.data());
  return numbers;
}

}  // namespace vqalign
