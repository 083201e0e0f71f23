#include "vqalign/cli/packed_report.h"

#include "vqalign/cli/text_output.h"
#include "vqalign/core/error.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

void print_packed(const std::filesystem::path& out, const PackedSummary& summary, double seconds,
                  Context& context) {
  const char* type = summary.half ? "float16" : "float32";
  const auto bytes = static_cast<int64_t>(summary.bytes);
  context.print_result(Json::object()
                           .set("out", valid_utf8(out.string()))
                           .set("images", summary.images)
                           .set("regions", summary.regions)
                           .set("width", summary.width)
                           .set("type", type)
                           .set("bytes", bytes)
                           .set("seconds", rounded(seconds, 3)),
                       concat(out.string(), ": ", count_text(summary.images, "image"), ", ",
                              count_text(summary.regions, "region"), " of width ", summary.width,
                              ", ", type, ", ", fixed_text(static_cast<double>(bytes) / 1e6, 1),
                              " MB, ", fixed_text(seconds, 1), " s\n"));
}

}  // namespace vqalign
