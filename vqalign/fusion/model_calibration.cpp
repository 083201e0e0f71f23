#include "vqalign/fusion/model_calibration.h"

#include <torch/types.h>

#include <cstdio>

#include "vqalign/core/calibration.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr int64_t kMostCounted = 1'000'000'000;

double temperature_from(const Json& json, const char* key, const std::string& where) {
  const double temperature = json.at(key, where).as_double(where + ": " + key);
  if (!(temperature >= kLeastTemperature && temperature <= kMostTemperature)) {
    fail(where, ": ", key, " is ", temperature, ", allowed is ", kLeastTemperature, " to ",
         kMostTemperature);
  }
  return temperature;
}

int64_t count_from(const Json& json, const char* key, const std::string& where) {
  const int64_t count = json.at(key, where).as_int(where + ": " + key);
  if (count < 1 || count > kMostCounted) {
    fail(where, ": ", key, " is ", count, ", allowed is 1 to ", kMostCounted);
  }
  return count;
}

std::string three_decimals(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

}  // namespace

torch::Tensor ModelCalibration::probabilities(const torch::Tensor& logits) const {
  return temperature == 1 ? logits.sigmoid() : (logits / temperature).sigmoid();
}

Json ModelCalibration::to_json() const {
  Json json = Json::object().set("temperature", temperature);
  if (passes > 0) json.set("passes_temperature", passes_temperature).set("passes", passes);
  return json.set("questions", questions).set("data", data);
}

std::string ModelCalibration::text() const {
  if (!fitted()) return "none";
  std::string told = "temperature " + three_decimals(temperature);
  if (passes > 0) {
    told += concat(", of the mean over ", passes, " passes ", three_decimals(passes_temperature));
  }
  return told + concat("; fitted on ", questions, " questions of ", data);
}

ModelCalibration calibration_from(const Json& json, const std::string& where) {
  ModelCalibration calibration;
  calibration.temperature = temperature_from(json, "temperature", where);
  calibration.questions = count_from(json, "questions", where);
  calibration.data = json.at("data", where).as_string(where + ": data");
  if (!json.find("passes")) return calibration;
  calibration.passes = count_from(json, "passes", where);
  calibration.passes_temperature = temperature_from(json, "passes_temperature", where);
  return calibration;
}

}  // namespace vqalign
