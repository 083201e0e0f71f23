#include "vqalign/core/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace vqalign {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto created = spdlog::stderr_logger_mt("vqalign");
    created->set_pattern("vqalign: %v");
    return created;
  }();
  return *instance;
}

}  // namespace

void log_info(const std::string& message) {
  logger().info("{}", message);
}
void log_warning(const std::string& message) {
  logger().warn("warning: {}", message);
}
void set_log_quiet(bool quiet) {
  logger().set_level(quiet ? spdlog::level::err : spdlog::level::info);
}

}  // namespace vqalign
