#include "vqalign/inspect/inspection.h"

#include <cassert>

namespace vqalign {

std::size_t Inspection::index(const HeadSite& site) const {
  assert(site.layer >= 0 && site.layer < layers && site.head >= 0 && site.head < heads);
  const auto family = static_cast<int64_t>(site.family);
  return static_cast<std::size_t>((family * layers + site.layer) * heads + site.head);
}

const AttentionMap& Inspection::map(const HeadSite& site) const {
  return maps[index(site)];
}

const HeadStatistics& Inspection::statistics_of(const HeadSite& site) const {
  return statistics[index(site)];
}

AttentionMap Inspection::aggregated(AttentionFamily family, int64_t layer,
                                    HeadAggregate kind) const {
  std::vector<const AttentionMap*> of_layer;
  for (int64_t head = 0; head < heads; ++head) of_layer.push_back(&map({family, layer, head}));
  return aggregate(of_layer, kind);
}

std::vector<HeadSite> all_sites(int64_t layers, int64_t heads) {
  std::vector<HeadSite> sites;
  for (const AttentionFamily family :
       {AttentionFamily::kQuestionSelf, AttentionFamily::kImageSelf, AttentionFamily::kGuided}) {
    for (int64_t layer = 0; layer < layers; ++layer) {
      for (int64_t head = 0; head < heads; ++head) sites.push_back({family, layer, head});
    }
  }
  return sites;
}

}  // namespace vqalign
