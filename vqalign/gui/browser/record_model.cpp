#include "vqalign/gui/browser/record_model.h"

#include <QFont>
#include <algorithm>
#include <array>

#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

struct ColumnTitle {
  const char* title;
  const char* tip;
};

constexpr std::array<ColumnTitle, kRecordColumns> kColumnTitles = {{
    {"Picture", "The picture; sorts by its number"},
    {"Question", "The question"},
    {"Answer", "What the model answered"},
    {"Confidence", "The probability that the model gave its answer"},
    {"Truth", "What most people answered"},
    {"Right", "Official accuracy: how far the answer is what people said"},
    {"Answer type", "Yes/no, number or other"},
    {"Question type", "How the question begins"},
    {"Question id", "The question's number in the dataset"},
}};

const QString kUnknown = QString::fromUtf8("–");

QString known(const std::string& text) {
  return text.empty() ? kUnknown : QString::fromStdString(text);
}

QString rightness_word(double accuracy) {
  if (accuracy >= 1) return QString::fromUtf8("right");
  return accuracy == 0 ? QString::fromUtf8("wrong") : QString::fromUtf8("partly right");
}

QString rightness_sign(double accuracy) {
  if (accuracy >= 1) return QString::fromUtf8("✓");
  return accuracy == 0 ? QString::fromUtf8("✗") : QString::fromUtf8("~");
}

/// Ids line up at the right; it is the last column, so that nothing follows them closely.
int alignment_of(int column) {
  return int(Qt::AlignVCenter | (column == kQuestionIdColumn ? Qt::AlignRight : Qt::AlignLeft));
}

}  // namespace

void RecordModel::set_records(RecordSet records) {
  beginResetModel();
  records_ = std::move(records);
  order_ = sorted_rows(records_, sort_column_, sort_order_);
  shown_ = passing_rows(records_, order_, filter_);
  endResetModel();
}

void RecordModel::set_filter(const RecordFilter& filter) {
  if (filter == filter_) return;
  beginResetModel();
  filter_ = filter;
  shown_ = passing_rows(records_, order_, filter_);
  endResetModel();
}

void RecordModel::sort(int column, Qt::SortOrder order) {
  sort_column_ = column;
  sort_order_ = order;
  refresh();
}

void RecordModel::refresh() {
  beginResetModel();
  order_ = sorted_rows(records_, sort_column_, sort_order_);
  shown_ = passing_rows(records_, order_, filter_);
  endResetModel();
}

void RecordModel::replace_answers(const std::vector<RecordAnswer>& answers) {
  records_.clear_answers();
  for (const RecordAnswer& answer : answers) records_.apply(answer);
  refresh();
}

void RecordModel::clear_answers() {
  records_.clear_answers();
  tell_changed();
}

void RecordModel::add_answers(const std::vector<RecordAnswer>& answers) {
  for (const RecordAnswer& answer : answers) records_.apply(answer);
  tell_changed();
}

void RecordModel::tell_changed() {
  // Which rows these are in is not looked for: a view repaints no more than what it shows.
  if (!shown_.empty()) {
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, kRecordColumns - 1));
  }
}

int RecordModel::row_of(std::size_t record) const {
  const auto found = std::find(shown_.begin(), shown_.end(), record);
  return found == shown_.end() ? -1 : static_cast<int>(found - shown_.begin());
}

RecordSummary RecordModel::summary() const {
  RecordSummary summary{shown_.size(), records_.rows.size()};
  double sum = 0;
  for (const uint32_t record : shown_) {
    const double accuracy = records_.rows[record].accuracy;
    if (accuracy < 0) continue;
    sum += accuracy;
    ++summary.scored;
  }
  if (summary.scored > 0) summary.accuracy = sum / static_cast<double>(summary.scored);
  return summary;
}

int RecordModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(shown_.size());
}

int RecordModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(kRecordColumns);
}

QString RecordModel::text(std::size_t record, int column) const {
  const Record& row = records_.rows[record];
  switch (column) {
    case kQuestionColumn:
      return QString::fromStdString(records_.questions.text(row.question));
    case kAnswerColumn:
      if (records_.problems.contains(record)) return QString::fromUtf8("no answer");
      return known(records_.answers.text(row.answer));
    case kConfidenceColumn:
      return row.confidence < 0 ? kUnknown : percent_text(row.confidence);
    case kTruthColumn:
      return known(records_.answers.text(row.truth));
    case kRightColumn:
      if (row.accuracy < 0) return kUnknown;
      return rightness_sign(row.accuracy) + QChar(' ') + percent_text(row.accuracy, 0);
    case kAnswerTypeColumn:
      return known(records_.types.text(row.answer_type));
    case kQuestionTypeColumn:
      return known(records_.types.text(row.question_type));
    case kQuestionIdColumn:
      return QString::number(row.question_id);
    default:
      return {};
  }
}

QString RecordModel::tip(std::size_t record, int column) const {
  const Record& row = records_.rows[record];
  const auto problem = records_.problems.find(record);
  if (column == kAnswerColumn && problem != records_.problems.end()) {
    return QString::fromStdString(problem->second);
  }
  if (column == kRightColumn && row.accuracy >= 0) return rightness_word(row.accuracy);
  if (column != kPictureColumn) return text(record, column);
  const std::filesystem::path* picture = records_.picture(record);
  if (!picture) return QString::fromUtf8("no picture of image %1").arg(row.image_id);
  return QString::fromStdString(picture->string());
}

QVariant RecordModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const std::size_t record = shown_[static_cast<std::size_t>(index.row())];
  const int column = index.column();
  switch (role) {
    case Qt::DisplayRole:
      return text(record, column);
    case Qt::ToolTipRole:
      // Texts may look like markup; a tool tip shows them as they are.
      return QString::fromUtf8("<p>%1</p>").arg(tip(record, column).toHtmlEscaped());
    case Qt::AccessibleTextRole: {
      const QString title = headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
      const bool told_by_tip = column == kPictureColumn || column == kRightColumn;
      const QString said = told_by_tip ? tip(record, column) : text(record, column);
      return QString::fromUtf8("%1: %2").arg(title, said);
    }
    case Qt::TextAlignmentRole:
      return alignment_of(column);
    case Qt::FontRole: {
      if (column != kAnswerColumn || !records_.problems.contains(record)) return {};
      QFont font;
      font.setItalic(true);
      return font;
    }
    case kImageIdRole:
      return qlonglong{records_.rows[record].image_id};
    default:
      return {};
  }
}

QVariant RecordModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= kRecordColumns) return {};
  const ColumnTitle& column = kColumnTitles[static_cast<std::size_t>(section)];
  if (role == Qt::DisplayRole) return QString::fromUtf8(column.title);
  if (role == Qt::ToolTipRole) return QString::fromUtf8(column.tip);
  if (role == Qt::TextAlignmentRole) return alignment_of(section);
  return {};
}

}  // namespace vqalign
