#include "vqalign/inspect/inspection.h"

#include <cassert>

namespace vqalign {

FamilyShape Inspection::shape(AttentionFamily family) const {
  return family == AttentionFamily::kQuestionPretrained ? pretrained : FamilyShape{layers, heads};
}

std::vector<AttentionFamily> Inspection::families() const {
  std::vector<AttentionFamily> there;
  for (const AttentionFamily family : kAllFamilies) {
    if (shape(family).layers > 0) there.push_back(family);
  }
  return there;
}

std::size_t Inspection::index(const HeadSite& site) const {
  const FamilyShape own = shape(site.family);
  assert(site.layer >= 0 && site.layer < own.layers && site.head >= 0 && site.head < own.heads);
  const auto before = static_cast<int64_t>(site.family) * layers * heads;
  return static_cast<std::size_t>(before + site.layer * own.heads + site.head);
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
  for (int64_t head = 0; head < shape(family).heads; ++head) {
    of_layer.push_back(&map({family, layer, head}));
  }
  return aggregate(of_layer, kind);
}

std::vector<HeadSite> all_sites(int64_t layers, int64_t heads, FamilyShape pretrained) {
  Inspection model;
  model.layers = layers;
  model.heads = heads;
  model.pretrained = pretrained;
  std::vector<HeadSite> sites;
  for (const AttentionFamily family : model.families()) {
    const FamilyShape shape = model.shape(family);
    for (int64_t layer = 0; layer < shape.layers; ++layer) {
      for (int64_t head = 0; head < shape.heads; ++head) sites.push_back({family, layer, head});
    }
  }
  return sites;
}

}  // namespace vqalign
