#include "vqalign/gui/browser/record_csv.h"

#include <charconv>

#include "vqalign/core/csv.h"

namespace vqalign {
namespace {

void append_share(std::string& csv, double share) {
  if (share < 0) return;
  char buffer[32];
  const auto written = std::to_chars(buffer, buffer + sizeof(buffer), share);
  csv.append(buffer, written.ptr);
}

}  // namespace

std::string records_csv(const RecordModel& model) {
  const RecordSet& set = model.records();
  std::string csv =
      "question_id,image_id,picture,question,question_type,answer_type,answer,confidence,truth,"
      "accuracy,problem\r\n";
  for (const uint32_t record : model.shown()) {
    const Record& row = set.rows[record];
    const std::filesystem::path* picture = set.picture(record);
    const auto problem = set.problems.find(record);
    csv += std::to_string(row.question_id) + ',' + std::to_string(row.image_id) + ',';
    csv += csv_field(picture ? picture->filename().string() : std::string());
    for (const std::string* text :
         {&set.questions.text(row.question), &set.types.text(row.question_type),
          &set.types.text(row.answer_type), &set.answers.text(row.answer)}) {
      csv += ',';
      csv += csv_field(*text);
    }
    csv += ',';
    append_share(csv, row.confidence);
    csv += ',';
    csv += csv_field(set.answers.text(row.truth));
    csv += ',';
    append_share(csv, row.accuracy);
    csv += ',';
    if (problem != set.problems.end()) csv += csv_field(problem->second);
    csv += "\r\n";
  }
  return csv;
}

}  // namespace vqalign
