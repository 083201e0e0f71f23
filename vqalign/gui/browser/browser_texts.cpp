#include "vqalign/gui/browser/browser_texts.h"

#include <QLocale>
#include <cmath>

namespace vqalign {
namespace {

QString time_left_text(double seconds) {
  if (seconds < 60) return QString::fromUtf8("%1 s left").arg(std::ceil(seconds));
  if (seconds < 3600) return QString::fromUtf8("%1 min left").arg(std::ceil(seconds / 60));
  return QString::fromUtf8("%1 h left").arg(QString::number(seconds / 3600, 'f', 1));
}

}  // namespace

QString count_text(std::size_t count) {
  return QLocale(QLocale::English).toString(static_cast<qulonglong>(count));
}

QString progress_text(qint64 done, qint64 total, double per_second) {
  return QString::fromUtf8("%1 of %2, %3 a second, %4")
      .arg(count_text(static_cast<std::size_t>(done)), count_text(static_cast<std::size_t>(total)),
           QString::number(per_second, 'f', per_second < 10 ? 1 : 0),
           time_left_text(static_cast<double>(total - done) / per_second));
}

QString summary_text(const RecordModel& model) {
  const RecordSummary summary = model.summary();
  const QString name = QString::fromStdString(model.records().dataset->name);
  QString text = QString::fromUtf8("%1 – shown: %2 of %3")
                     .arg(name, count_text(summary.shown), count_text(summary.total));
  if (summary.scored == 0) return text;
  const QString over = summary.scored == summary.shown
                           ? QString::fromUtf8("them")
                           : count_text(summary.scored) + QString::fromUtf8(" of them");
  return text + QString::fromUtf8(", accuracy %1 % (official) over %2")
                    .arg(QString::number(100 * summary.accuracy, 'f', 2), over);
}

}  // namespace vqalign
