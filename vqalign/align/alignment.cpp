#include "vqalign/align/alignment.h"

#include <ATen/autocast_mode.h>
#include <torch/types.h>

#include <algorithm>
#include <charconv>

#include "vqalign/align/mmd.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/align/standardise.h"
#include "vqalign/core/error.h"

namespace vqalign {

namespace {

const std::vector<std::string> kKinds = {"none", "ct", "gan", "ot", "mmd"};

std::vector<std::string> all_families() {
  std::vector<std::string> names;
  for (const AttentionFamily family : kAllFamilies) names.emplace_back(family_name(family));
  return names;
}

bool is_pretrained(const std::string& family) {
  return family == family_name(AttentionFamily::kQuestionPretrained);
}

void check_choice(const std::string& key, const std::string& value,
                  const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  throw UsageError(concat(key, " is \"", value, "\", nearest is ", nearest_name(value, choices)));
}

/// align.layers as numbers below `layers`, all of these when it is empty.
std::vector<int64_t> chosen_layers(const std::vector<std::string>& names, int64_t layers) {
  std::vector<int64_t> chosen;
  for (const std::string& name : names) {
    int64_t layer = -1;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), layer);
    if (code != std::errc{} || end != name.data() + name.size() || layer < 0 || layer >= layers) {
      throw UsageError(
          concat("align.layers names \"", name, "\", the model's layers are 0 to ", layers - 1));
    }
    chosen.push_back(layer);
  }
  for (int64_t layer = 0; names.empty() && layer < layers; ++layer) chosen.push_back(layer);
  return chosen;
}

/// Distances are differences of near-equal numbers: what surrounds them may run in bfloat16, they
/// may not.
class NoAutocast {
 public:
  explicit NoAutocast(at::DeviceType type)
      : type_(type), before_(at::autocast::is_autocast_enabled(type)) {
    at::autocast::set_autocast_enabled(type_, false);
  }
  ~NoAutocast() { at::autocast::set_autocast_enabled(type_, before_); }
  NoAutocast(const NoAutocast&) = delete;
  NoAutocast& operator=(const NoAutocast&) = delete;

 private:
  at::DeviceType type_;
  bool before_;
};

}  // namespace

std::vector<OptionField> AlignOptions::fields() {
  const auto number = [](const char* name, OptionField::Target target, const char* help,
                         double minimum, double maximum) {
    return OptionField{name, target, help, minimum, maximum, {}};
  };
  const auto choice = [](const char* name, OptionField::Target target, const char* help,
                         const std::vector<std::string>& choices) {
    OptionField field{name, target, help};
    field.choices = choices;
    return field;
  };
  return {
      choice("kind", &kind, "distance between the queries and keys of a head that training reduces",
             kKinds),
      number("weight", &weight, "lambda: factor of the summed distances in a sample's loss", 0,
             1e6),
      choice("families", &families, "which attention is aligned", all_families()),
      choice("layers", &layers, "indices of the aligned layers, from 0; empty: all", {}),
      number("hidden", &hidden, "hidden width of critic, navigator, discriminator (ct, gan)", 1,
             64),
      number("epsilon", &epsilon, "entropic blur in units of the mean cost (ot)", 1e-4, 100),
      number("iterations", &iterations, "Sinkhorn iterations (ot)", 1, 10000),
      number("rho", &rho, "share of the direction from queries to keys (ct)", 0, 1),
      {"standardise", &standardise,
       "the networks see a head's points centred and scaled (ct, gan)"},
      number("block", &block, "points compared at a time (ct, ot, mmd); 0: chosen by their number",
             0, 1e9),
  };
}

std::vector<AlignOptions::Site> AlignOptions::sites(int64_t co_attention_layers,
                                                    int64_t pretrained_layers) const {
  check_choice("align.kind", kind, kKinds);
  if (kind == "none") return {};
  if (families.empty()) {
    throw UsageError(concat("align.families is empty although align.kind is ", kind));
  }
  const auto layers_of = [&](const std::string& family) {
    return is_pretrained(family) ? pretrained_layers : co_attention_layers;
  };
  int64_t most = 0;
  for (const std::string& family : families) {
    check_choice("align.families", family, all_families());
    if (layers_of(family) == 0) {
      throw UsageError(concat("align.families names ", family, ", which this model has not"));
    }
    most = std::max(most, layers_of(family));
  }
  const std::vector<int64_t> chosen = chosen_layers(layers, most);
  std::vector<Site> found;
  for (const std::string& family : families) {
    for (const int64_t layer : chosen) {
      if (layer < layers_of(family)) found.emplace_back(family, layer);
    }
  }
  return found;
}

Alignment::Alignment(const AlignOptions& options, int64_t head_width, int64_t layers)
    : Alignment(options, head_width, layers, {}) {}

Alignment::Alignment(const AlignOptions& options, int64_t head_width, int64_t layers,
                     Heads pretrained)
    : options_(options), co_attention_{head_width, layers}, pretrained_(pretrained) {
  for (const Site& site : options.sites(layers, pretrained.layers)) add_networks(site);
}

Alignment::Heads Alignment::heads_of(const std::string& family) const {
  return is_pretrained(family) ? pretrained_ : co_attention_;
}

void Alignment::add_networks(const Site& site) {
  const auto [entry, is_new] = chosen_.try_emplace(site);
  if (!is_new) return;
  Networks& networks = entry->second;
  const std::string suffix = concat("_", site.first, "_", site.second);
  const int64_t width = heads_of(site.first).width;
  if (options_.kind == "ct") {
    networks.critic = register_module("critic" + suffix, Critic(width, options_.hidden));
    networks.navigator = register_module("navigator" + suffix, Navigator(width, options_.hidden));
  } else if (options_.kind == "gan") {
    networks.discriminator =
        register_module("discriminator" + suffix, Discriminator(width, options_.hidden));
  }
}

bool Alignment::active() const {
  return options_.kind != "none";
}

torch::Tensor Alignment::forward(const std::vector<AttentionTap>& taps) {
  if (taps.empty()) fail("alignment: there is no attention tap to align");
  const NoAutocast full_precision(taps.front().queries.device().type());
  torch::Tensor total = torch::zeros({taps.front().queries.size(0)},
                                     taps.front().queries.options().dtype(torch::kFloat32));
  last_.clear();
  for (const AttentionTap& tap : taps) {
    const std::string family = family_name(tap.family);
    const auto site = chosen_.find({family, tap.layer});
    if (site == chosen_.end()) continue;
    const int64_t width = heads_of(family).width;
    if (tap.queries.size(-1) != width) {
      fail("alignment: ", family, " layer ", tap.layer, " has heads of width ",
           tap.queries.size(-1), ", expected ", width);
    }
    const torch::Tensor values =
        distance({tap.queries, tap.keys, tap.query_mask, tap.key_mask}, site->second);
    last_[family].push_back(values.detach());
    total = total + values.sum(1);
  }
  return total;
}

torch::Tensor Alignment::distance(const HeadSets& sets, Networks& networks) const {
  if (options_.kind == "ct") {
    return conditional_transport(sets, networks.critic, networks.navigator, options_.rho,
                                 options_.block, options_.standardise);
  }
  if (options_.kind == "gan") {
    return adversarial_likelihood(options_.standardise ? standardised(sets) : sets,
                                  networks.discriminator);
  }
  if (options_.kind == "ot") {
    return optimal_transport(sets, {options_.epsilon, options_.iterations, options_.block});
  }
  return mmd(sets, options_.block);
}

std::map<std::string, torch::Tensor> Alignment::last_values() const {
  std::map<std::string, torch::Tensor> means;
  for (const auto& [family, layers] : last_) {
    means[family] = torch::stack(layers).mean();
  }
  return means;
}

}  // namespace vqalign
