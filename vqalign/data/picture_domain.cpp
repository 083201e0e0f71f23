#include "vqalign/data/picture_domain.h"

#include <set>
#include <vector>

#include "vqalign/core/philox.h"

namespace vqalign {

DomainModel fit_domain(const Dataset& dataset, int64_t most, Progress& progress,
                       const CancelToken& cancel) {
  if (!dataset.features.empty()) return {};
  std::set<int64_t> distinct;
  for (const Question& question : dataset.questions) distinct.insert(question.image_id);
  std::vector<int64_t> ids(distinct.begin(), distinct.end());
  Random(0).shuffle(ids);
  if (static_cast<int64_t>(ids.size()) > most) ids.resize(static_cast<std::size_t>(most));

  std::vector<PictureStatistics> sample;
  progress.begin("looking at pictures", static_cast<int64_t>(ids.size()), "pictures");
  for (const int64_t id : ids) {
    cancel.check();
    if (const std::filesystem::path* path = dataset.picture(id)) {
      sample.push_back(picture_statistics(read_picture(*path)));
      progress.update(static_cast<int64_t>(sample.size()));
    }
  }
  progress.end();
  return DomainModel::fit(sample);
}

}  // namespace vqalign
