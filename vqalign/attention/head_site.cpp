#include "vqalign/attention/head_site.h"

#include <cassert>

namespace vqalign {

const char* family_name(AttentionFamily family) {
  switch (family) {
    case AttentionFamily::kQuestionSelf:
      return "question_self";
    case AttentionFamily::kImageSelf:
      return "image_self";
    case AttentionFamily::kGuided:
      return "guided";
  }
  assert(false && "unknown attention family");
  return "";
}

}  // namespace vqalign
