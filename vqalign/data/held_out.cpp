#include "vqalign/data/held_out.h"

#include <iterator>
#include <set>

#include "vqalign/core/error.h"

namespace vqalign {

int64_t first_held_out(const std::vector<Question>& questions, double share,
                       const std::string& where) {
  std::set<int64_t> ids;
  for (const Question& question : questions) ids.insert(question.image_id);
  const auto first = static_cast<std::size_t>(double(ids.size()) * (1 - share));
  if (first == 0 || first >= ids.size()) {
    fail(where, ": ", ids.size(), " pictures are too few to hold out ", share, " of them");
  }
  return *std::next(ids.begin(), static_cast<std::ptrdiff_t>(first));
}

}  // namespace vqalign
