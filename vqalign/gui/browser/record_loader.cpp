#include "vqalign/gui/browser/record_loader.h"

#include <algorithm>

#include "vqalign/core/atomic_file.h"
#include "vqalign/gui/models/path_of.h"

namespace vqalign {
namespace {

const QString kReadDataset = QString::fromUtf8("read dataset");
const QString kReadResults = QString::fromUtf8("read results");
const QString kSaveTable = QString::fromUtf8("save table");

QString chosen_split(const QStringList& splits, const QString& wanted) {
  if (!wanted.isEmpty()) return wanted;
  const auto val = std::find_if(splits.begin(), splits.end(), [](const QString& split) {
    return split.startsWith(QString::fromUtf8("val"));
  });
  return val == splits.end() ? splits.front() : *val;
}

}  // namespace

RecordLoader::RecordLoader() {
  connect(&jobs_, &JobThread::started, this, &RecordLoader::busy_changed);
  connect(&jobs_, &JobThread::finished, this, &RecordLoader::busy_changed);
  connect(&jobs_, &JobThread::cancelled, this, &RecordLoader::busy_changed);
  connect(&jobs_, &JobThread::failed, this,
          [this](const QString&, const QString& message, const QString& hint) {
            Q_EMIT busy_changed();
            Q_EMIT failed(message, hint);
          });
}

void RecordLoader::open_dataset(const QString& folder, const QString& split) {
  jobs_.cancel(kReadResults);
  jobs_.submit(kReadDataset, [this, folder, split](Job& job) {
    QStringList splits;
    for (const SplitPaths& found : list_splits(path_of(folder))) {
      splits.append(QString::fromStdString(found.subset));
    }
    const QString chosen = chosen_split(splits, split);
    job.deliver([=, this] { Q_EMIT splits_found(folder, splits, chosen); });
    DataSource source;
    source.directory = path_of(folder);
    source.split = chosen.toStdString();
    const auto records = std::make_shared<RecordSet>(load_records(source, {}, job.cancel()));
    job.deliver([=, this] { Q_EMIT dataset_loaded(records); });
  });
}

void RecordLoader::open_results(const QString& file, std::shared_ptr<const Dataset> dataset) {
  jobs_.submit(kReadResults, [this, file, dataset](Job& job) {
    const std::vector<RecordAnswer> answers = load_results(*dataset, path_of(file), job.cancel());
    job.deliver([=, this] { Q_EMIT results_loaded(file, answers); });
  });
}

void RecordLoader::save(const QString& file, std::string text) {
  jobs_.submit_kept(kSaveTable, [this, file, text = std::move(text)](Job& job) {
    write_file_atomic(path_of(file), text);
    job.deliver([this, file] { Q_EMIT saved(file); });
  });
}

void RecordLoader::cancel() {
  jobs_.cancel(kReadDataset);
  jobs_.cancel(kReadResults);
}

bool RecordLoader::reading_dataset() const {
  return jobs_.busy(kReadDataset);
}

bool RecordLoader::reading() const {
  return reading_dataset() || jobs_.busy(kReadResults);
}

}  // namespace vqalign
