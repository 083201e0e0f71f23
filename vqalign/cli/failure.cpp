#include "vqalign/cli/failure.h"

#include <c10/util/Exception.h>

#include <filesystem>
#include <system_error>

#include "vqalign/cli/text_output.h"
#include "vqalign/core/error.h"
#include "vqalign/core/with_hint.h"
#include "vqalign/train/batch_memory.h"

namespace vqalign {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr const char* kNoMemory =
    "not enough memory for this; smaller batches (--batch-size) need less";

std::string internal(const std::string& what) {
  const std::string first = what.substr(0, what.find('\n'));
  return one_line("internal error, please report it: " + first);
}

/// What a GPU, its driver or a library for it says, of which LibTorch repeats the first line.
std::string torch_line(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  const std::string first = text.substr(0, text.find('\n'));
  if (first.find("no kernel image is available") != std::string::npos) {
    return "this build's LibTorch has no code for this GPU; a build for newer or older GPUs may";
  }
  for (const char* sign : {"CUDA error", "CUDA driver error", "cuDNN error", "CUBLAS_STATUS_"}) {
    if (first.find(sign) != std::string::npos) return one_line("the GPU failed: " + first);
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
    return {kWrongUsage, one_line(message_and_hint(error))};
  } catch (const Error& error) {
    return {kFailed, one_line(message_and_hint(error))};
  } catch (const c10::Error& error) {
    return {kFailed, is_memory_shortage(error) ? kNoMemory : torch_line(error)};
  } catch (const std::filesystem::filesystem_error& error) {
    return {kFailed, one_line(error.path1().string() + ": " + error.code().message())};
  } catch (const std::system_error& error) {
    return {kFailed, one_line("the system refused: " + error.code().message())};
  } catch (const std::exception& error) {
    return {kFailed, is_memory_shortage(error) ? kNoMemory : internal(error.what())};
  } catch (...) {
    return {kFailed, "internal error, please report it"};
  }
}

}  // namespace vqalign
