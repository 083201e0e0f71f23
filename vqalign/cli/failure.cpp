#include "vqalign/cli/failure.h"

#include <c10/util/Exception.h>

#include <filesystem>
#include <new>
#include <system_error>

#include "vqalign/cli/text_output.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr const char* kNoMemory =
    "not enough memory for this; smaller batches (--batch-size) need less";

std::string with_hint(const Error& error) {
  std::string text = error.what();
  if (!error.hint().empty()) text += "; " + error.hint();
  return one_line(std::move(text));
}

std::string internal(const std::string& what) {
  const std::string first = what.substr(0, what.find('\n'));
  return one_line("internal error, please report it: " + first);
}

std::string torch_line(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  for (const char* sign : {"not enough memory", "can't allocate memory", "out of memory"}) {
    if (text.find(sign) != std::string::npos) return kNoMemory;
  }
  return internal(text);
}

}  // namespace

Failure describe_current_exception() {
  try {
    throw;
  } catch (const Cancelled& cancelled) {
    return {kCancelledStatus, cancelled.what()};
  } catch (const UsageError& error) {
    return {kWrongUsage, with_hint(error)};
  } catch (const Error& error) {
    return {kFailed, with_hint(error)};
  } catch (const std::bad_alloc&) {
    return {kFailed, kNoMemory};
  } catch (const c10::Error& error) {
    return {kFailed, torch_line(error)};
  } catch (const std::filesystem::filesystem_error& error) {
    return {kFailed, one_line(error.path1().string() + ": " + error.code().message())};
  } catch (const std::system_error& error) {
    return {kFailed, one_line("the system refused: " + error.code().message())};
  } catch (const std::exception& error) {
    return {kFailed, internal(error.what())};
  } catch (...) {
    return {kFailed, "internal error, please report it"};
  }
}

}  // namespace vqalign
