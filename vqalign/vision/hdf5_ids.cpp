#include "vqalign/vision/hdf5_ids.h"

#include <charconv>
#include <string>

#include "vqalign/core/error.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& path, const char* ending) {
  return path.parent_path() / (path.stem().string() + ending);
}

void check_count(const std::string& where, std::size_t ids, int64_t pictures) {
  if (static_cast<int64_t>(ids) == pictures) return;
  fail(where, ": has ", ids, " image ids, the features are of ", pictures, " pictures");
}

int64_t id_of_key(const std::string& key, const std::string& where) {
  int64_t id = 0;
  const char* end = key.data() + key.size();
  const auto result = std::from_chars(key.data(), end, id);
  if (result.ec != std::errc() || result.ptr != end) {
    fail(where, ": \"", key, "\" is no image id, expected a whole number");
  }
  return id;
}

std::vector<int64_t> ids_of_json(const fs::path& path, int64_t pictures) {
  const std::string where = path.string();
  const Json content = read_json(path);
  std::vector<int64_t> ids;
  if (content.is_array()) {
    check_count(where, content.as_array().size(), pictures);
    for (const Json& id : content.as_array()) ids.push_back(id.as_int(where));
    return ids;
  }
  const Json::Object& members = content.as_object(where);
  check_count(where, members.size(), pictures);
  ids.resize(members.size());
  std::vector<bool> given(members.size(), false);
  for (const auto& [key, value] : members) {
    const int64_t row = value.as_int(where);
    if (row < 0 || row >= pictures || given[static_cast<std::size_t>(row)]) {
      fail(where, ": image ", key, " is said to be row ", row, ", which ",
           row < 0 || row >= pictures ? concat("is none of ", pictures) : "another image has");
    }
    given[static_cast<std::size_t>(row)] = true;
    ids[static_cast<std::size_t>(row)] = id_of_key(key, where);
  }
  return ids;
}

[[noreturn]] void refuse_without_ids(const fs::path& path) {
  const fs::path pickle = beside(path, "_imgid2idx.pkl");
  const fs::path wanted = beside(path, "_imgid2idx.json");
  const std::string message =
      concat(path.string(), ": has no image ids: neither a dataset \"image_ids\" nor beside it ",
             wanted.filename().string(), ", {\"image id\": row, ..}");
  std::error_code ignored;
  if (!fs::exists(pickle, ignored)) throw Error(message);
  throw Error(message, concat("make it of ", pickle.filename().string(),
                              ": python3 -c 'import json, pickle, sys; json.dump({str(k): v for k, "
                              "v in pickle.load(open(sys.argv[1], \"rb\")).items()}, "
                              "open(sys.argv[2], \"w\"))' ",
                              pickle.string(), " ", wanted.string()));
}

}  // namespace

std::vector<int64_t> read_hdf5_ids(const Hdf5File& file, const fs::path& path, int64_t pictures) {
  for (const char* name : {"image_ids", "image_id"}) {
    if (!file.has(name)) continue;
    const std::string where = concat(path.string(), ": dataset \"", name, "\"");
    const std::vector<int64_t> shape = file.shape(name);
    check_count(where, static_cast<std::size_t>(shape[0]), pictures);
    std::vector<int64_t> ids = file.read_integers(name);
    if (static_cast<int64_t>(ids.size()) != shape[0]) {
      fail(where, ": holds ", ids.size(), " numbers in ", shape[0], " rows, expected one a row");
    }
    return ids;
  }
  const fs::path json = beside(path, "_imgid2idx.json");
  std::error_code ignored;
  if (fs::exists(json, ignored)) return ids_of_json(json, pictures);
  refuse_without_ids(path);
}

}  // namespace vqalign
