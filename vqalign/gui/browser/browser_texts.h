#pragma once

#include <QString>

#include "vqalign/gui/browser/record_model.h"

namespace vqalign {

/// "1,234" whatever the system's language, as all other words are English.
QString count_text(std::size_t count);

/// "120 of 5,000, 34 a second, 3 min left"
QString progress_text(qint64 done, qint64 total, double per_second);

/// "val2014 – shown: 1,234 of 5,000, accuracy 61.42 % (official) over them"
QString summary_text(const RecordModel& model);

}  // namespace vqalign
