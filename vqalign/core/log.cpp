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

/// A message is one line of text, whatever a user's file put into it.
std::string printable(std::string message) {
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return message;
}

}  // namespace

void log_info(const std::string& message) {
  logger().info("{}", printable(message));
}
void log_warning(const std::string& message) {
  logger().warn("warning: {}", printable(message));
}
void set_log_quiet(bool quiet) {
  logger().set_level(quiet ? spdlog::level::err : spdlog::level::info);
}

}  // namespace vqalign
