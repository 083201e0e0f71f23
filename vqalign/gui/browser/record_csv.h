#pragma once

#include <string>

#include "vqalign/gui/browser/record_model.h"

namespace vqalign {

/// The rows that a model shows, in their order, as CSV after RFC 4180 under a header: question_id,
/// image_id, picture (file name), question, question_type, answer_type, answer, confidence (0 to
/// 1), truth, accuracy (0 to 1), problem. What is not known is empty. UTF-8; numbers come back the
/// same.
std::string records_csv(const RecordModel& model);

}  // namespace vqalign
