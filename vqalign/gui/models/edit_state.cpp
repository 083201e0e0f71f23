#include "vqalign/gui/models/edit_state.h"

#include <algorithm>

#include "vqalign/gui/models/fitting_weights.h"

namespace vqalign {
namespace {

template <typename Item>
bool contains(const std::vector<Item>& items, const Item& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

template <typename Item>
void toggle(std::vector<Item>& items, const Item& item) {
  if (std::erase(items, item) == 0) items.push_back(item);
  std::sort(items.begin(), items.end());
}

std::vector<HeadSite> sites_where(const Inspector& inspector,
                                  bool (*wanted)(const HeadSite& other, const HeadSite& site),
                                  const HeadSite& site) {
  std::vector<HeadSite> sites;
  const ModelCard& card = inspector.card();
  for (const HeadSite& other : all_sites(card.layers, card.heads, card.pretrained)) {
    if (wanted(other, site)) sites.push_back(other);
  }
  return sites;
}

/// All of `sites` off; or on where they are off already.
void toggle_all(Inspector& inspector, const std::vector<HeadSite>& sites, const QString& what) {
  ViewState next = inspector.state();
  auto& silenced = next.edits.silenced;
  const bool all_off = std::all_of(sites.begin(), sites.end(),
                                   [&](const HeadSite& site) { return contains(silenced, site); });
  std::erase_if(silenced, [&](const HeadSite& site) { return contains(sites, site); });
  if (!all_off) silenced.insert(silenced.end(), sites.begin(), sites.end());
  std::sort(silenced.begin(), silenced.end());
  inspector.change(next, what);
}

}  // namespace

void keep_subject(Inspector& inspector, const Token& token) {
  const auto inspection = inspector.inspection();
  if (!inspection || !is_there(*inspection, token)) return;
  ViewState next = inspector.state();
  const bool let_go =
      next.weights.source == WeightSource::kAttention && next.weights.subject == token;
  next.weights.subject = let_go ? std::nullopt : std::optional(token);
  if (!let_go) next.weights.source = WeightSource::kAttention;
  inspector.change(next, QString::fromUtf8(token.is_word ? "word" : "region"));
}

void toggle_dropped_token(Inspector& inspector, const Token& token) {
  const auto inspection = inspector.inspection();
  if (!inspection) return;
  ViewState next = inspector.state();
  auto& dropped = token.is_word ? next.edits.dropped_words : next.edits.dropped_regions;
  const auto& left = token.is_word ? inspection->read_words : inspection->seen_regions;
  if (!contains(dropped, token.place) && left.size() < 2) return;
  toggle(dropped, token.place);
  if (next.weights.subject == token) next.weights.subject.reset();
  inspector.change(next, QString::fromUtf8(token.is_word ? "dropped word" : "covered region"));
}

void select_head(Inspector& inspector, const HeadSite& site) {
  ViewState next = inspector.state();
  next.family = site.family;
  next.weights.map = {site.layer, site.head};
  next.weights.source = WeightSource::kAttention;
  inspector.change(next, QString::fromUtf8("head"));
}

void toggle_silenced(Inspector& inspector, const HeadSite& site) {
  ViewState next = inspector.state();
  toggle(next.edits.silenced, site);
  inspector.change(next, QString::fromUtf8("silenced head"));
}

void toggle_solo(Inspector& inspector, const HeadSite& site) {
  const auto others = sites_where(
      inspector,
      [](const HeadSite& other, const HeadSite& one) {
        return other.family == one.family && other != one;
      },
      site);
  ViewState next = inspector.state();
  std::vector<HeadSite> solo;
  for (const HeadSite& silenced : next.edits.silenced) {
    if (silenced.family != site.family) solo.push_back(silenced);
  }
  const std::vector<HeadSite> elsewhere = solo;
  solo.insert(solo.end(), others.begin(), others.end());
  std::sort(solo.begin(), solo.end());
  next.edits.silenced = next.edits.silenced == solo ? elsewhere : solo;
  inspector.change(next, QString::fromUtf8("solo head"));
}

void toggle_layer(Inspector& inspector, const HeadSite& site) {
  const auto layer = sites_where(
      inspector,
      [](const HeadSite& other, const HeadSite& one) {
        return other.family == one.family && other.layer == one.layer;
      },
      site);
  toggle_all(inspector, layer, QString::fromUtf8("silenced layer"));
}

void reset_view(Inspector& inspector) {
  inspector.point_at({});
  inspector.point_at_head({});
  ViewState next = inspector.state();
  next.weights = {};
  next.edits = {};
  inspector.change(next, QString::fromUtf8("reset"));
}

}  // namespace vqalign
