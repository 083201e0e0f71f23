#include "vqalign/gui/browser/text_pool.h"

#include <algorithm>
#include <numeric>

#include "vqalign/core/unicode.h"

namespace vqalign {

TextPool::TextPool() {
  add("");
}

TextPool::Code TextPool::add(std::string_view text) {
  const auto [place, fresh] = codes_.emplace(std::string(text), static_cast<Code>(texts_.size()));
  if (fresh) {
    texts_.push_back(&place->first);
    lower_.push_back(lower_case(text));
  }
  return place->second;
}

std::vector<char> TextPool::holding(std::string_view lower_word) const {
  std::vector<char> holds(lower_.size());
  for (std::size_t i = 0; i < lower_.size(); ++i) {
    holds[i] = lower_[i].find(lower_word) != std::string::npos;
  }
  return holds;
}

const std::vector<uint32_t>& TextPool::ranks() const {
  if (ranks_.size() == texts_.size()) return ranks_;
  std::vector<Code> order(texts_.size());
  std::iota(order.begin(), order.end(), Code{0});
  std::sort(order.begin(), order.end(), [this](Code a, Code b) {
    const int compared = lower_[a].compare(lower_[b]);
    return compared != 0 ? compared < 0 : *texts_[a] < *texts_[b];
  });
  ranks_.resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) ranks_[order[i]] = static_cast<uint32_t>(i);
  return ranks_;
}

}  // namespace vqalign
