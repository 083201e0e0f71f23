#include "vqalign/core/json_difference.h"

namespace vqalign {
namespace {

std::optional<JsonDifference> difference_at(const std::string& place, const Json& now,
                                            const Json& before) {
  if (now == before) return std::nullopt;
  if (!now.is_object() || !before.is_object()) return JsonDifference{place, &now, &before};
  const auto inner = [&place](const std::string& name) {
    return place.empty() ? name : place + "." + name;
  };
  for (const auto& [name, value] : now.as_object()) {
    const Json* other = before.find(name);
    if (!other) return JsonDifference{inner(name), &value, nullptr};
    if (auto found = difference_at(inner(name), value, *other)) return found;
  }
  for (const auto& [name, value] : before.as_object()) {
    if (!now.find(name)) return JsonDifference{inner(name), nullptr, &value};
  }
  return std::nullopt;
}

}  // namespace

std::optional<JsonDifference> first_difference(const Json& now, const Json& before) {
  return difference_at("", now, before);
}

}  // namespace vqalign
