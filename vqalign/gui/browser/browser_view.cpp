#include "vqalign/gui/browser/browser_view.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <utility>

#include "vqalign/gui/browser/browser_drop.h"
#include "vqalign/gui/browser/browser_header.h"
#include "vqalign/gui/browser/browser_pages.h"
#include "vqalign/gui/browser/browser_texts.h"
#include "vqalign/gui/browser/filter_bar.h"
#include "vqalign/gui/browser/record_csv.h"
#include "vqalign/gui/browser/record_view.h"

namespace vqalign {
BrowserView::BrowserView(JobThread& model_jobs, QWidget* parent)
    : QWidget(parent), predictions_(model_jobs) {
  setAcceptDrops(true);
  header_ = new BrowserHeader;
  filter_bar_ = new FilterBar;
  table_ = new RecordView(model_);
  pages_ = new BrowserPages(table_);
  auto* column = new QVBoxLayout(this);
  column->addWidget(header_);
  column->addWidget(filter_bar_);
  column->addWidget(pages_, 1);
  column->addWidget(make_footer());
  connect(filter_bar_, &FilterBar::changed, this, [this](const RecordFilter& filter) {
    model_.set_filter(filter);
    Q_EMIT filter_changed(filter);
  });
  connect(&model_, &QAbstractItemModel::modelReset, this, &BrowserView::show_rows);
  connect(&model_, &QAbstractItemModel::dataChanged, this,
          [this] { summary_->setText(summary_text(model_)); });
  connect(table_, &QAbstractItemView::activated, this, &BrowserView::open_row);
  connect_header();
  connect_loader();
  connect_predictions();
  show_rows();
}

// The table is Qt's to delete, after the model that it shows.
BrowserView::~BrowserView() {
  table_->setModel(nullptr);
}

QWidget* BrowserView::make_footer() {
  summary_ = new QLabel;
  summary_->setObjectName(QString::fromUtf8("summary"));
  summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  save_ = new QPushButton(QString::fromUtf8("Save &table as CSV…"));
  save_->setAccessibleName(QString::fromUtf8("Save table as CSV"));
  save_->setToolTip(QString::fromUtf8("Save the rows that are shown, in this order"));
  connect(save_, &QPushButton::clicked, this, &BrowserView::choose_table_file);
  auto* footer = new QWidget;
  auto* row = new QHBoxLayout(footer);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(summary_, 1);
  row->addWidget(save_);
  return footer;
}

void BrowserView::connect_header() {
  connect(header_, &BrowserHeader::dataset_wanted, this, &BrowserView::choose_dataset);
  connect(header_, &BrowserHeader::results_wanted, this, &BrowserView::choose_results);
  connect(header_, &BrowserHeader::split_chosen, this,
          [this](const QString& split) { open_dataset(offered_folder_, split); });
  connect(header_, &BrowserHeader::predictions_wanted, this, &BrowserView::start_predictions);
  connect(header_, &BrowserHeader::cancel_wanted, this, [this] {
    waiting_results_.clear();
    loader_.cancel();
    predictions_.cancel();
    offer_shown_split();
  });
}

void BrowserView::connect_loader() {
  connect(&loader_, &RecordLoader::busy_changed, this, &BrowserView::show_state);
  connect(&loader_, &RecordLoader::splits_found, this,
          [this](const QString& folder, const QStringList& splits, const QString& chosen) {
            offered_folder_ = folder;
            offered_splits_ = splits;
            header_->show_splits(splits, chosen);
            show_state();
          });
  connect(&loader_, &RecordLoader::dataset_loaded, this,
          [this](const std::shared_ptr<RecordSet>& records) { take_records(*records); });
  connect(&loader_, &RecordLoader::results_loaded, this,
          [this](const QString& file, const std::vector<RecordAnswer>& answers) {
            predictions_.cancel();
            model_.replace_answers(answers);
            answers_of_source_ = false;
            const std::size_t total = model_.records().rows.size();
            if (answers.size() == total) return header_->clear_message();
            header_->show_note(QString::fromUtf8("%1 answers %2 of %3 questions")
                                   .arg(QFileInfo(file).fileName(), count_text(answers.size()),
                                        count_text(total)));
          });
  connect(&loader_, &RecordLoader::saved, this, [this](const QString& file) {
    header_->show_note(QString::fromUtf8("Saved as %1").arg(file));
  });
  connect(&loader_, &RecordLoader::failed, this, &BrowserView::show_problem);
}

void BrowserView::connect_predictions() {
  connect(&predictions_, &Predictions::answered, &model_, &RecordModel::add_answers);
  connect(&predictions_, &Predictions::progressed, this,
          [this](qint64 done, qint64 total, double per_second) {
            header_->show_progress(done, total, progress_text(done, total, per_second));
          });
  connect(&predictions_, &Predictions::ended, this, &BrowserView::end_predictions);
  connect(&predictions_, &Predictions::failed, this, &BrowserView::show_problem);
}

void BrowserView::set_answer_source(std::shared_ptr<AnswerSource> source) {
  if (source != source_) {
    predictions_.cancel();
    answers_of_source_ = false;
  }
  source_ = std::move(source);
  show_state();
}

void BrowserView::open_dataset(const QString& folder, const QString& split) {
  waiting_results_.clear();
  header_->show_progress(0, 0, {});
  loader_.open_dataset(folder, split);
}

void BrowserView::open_results(const QString& file) {
  if (loader_.reading_dataset()) {
    waiting_results_ = file;
  } else if (model_.records().rows.empty()) {
    show_problem(QString::fromUtf8("%1: answers to which questions?").arg(file),
                 QString::fromUtf8("open the dataset first, then the results"));
  } else {
    header_->show_progress(0, 0, {});
    loader_.open_results(file, model_.records().dataset);
  }
}

void BrowserView::take_records(RecordSet& records) {
  predictions_.cancel();
  table_->forget();
  header_->clear_message();
  if (!records.notice.empty()) header_->show_note(QString::fromStdString(records.notice));
  model_.set_records(std::move(records));
  folder_ = offered_folder_;
  split_ = QString::fromStdString(model_.records().dataset->name);
  // Types of the old filter that the new dataset does not have are dropped here.
  filter_bar_->set_types(model_.records().answer_types, model_.records().question_types);
  show_state();
  if (waiting_results_.isEmpty()) return;
  header_->show_progress(0, 0, {});
  loader_.open_results(std::exchange(waiting_results_, {}), model_.records().dataset);
}

void BrowserView::choose_dataset() {
  const QString folder = QFileDialog::getExistingDirectory(
      this, QString::fromUtf8("Open a dataset in VQA v2 layout"), folder_);
  if (!folder.isEmpty()) open_dataset(folder);
}

void BrowserView::choose_results() {
  const QString file =
      QFileDialog::getOpenFileName(this, QString::fromUtf8("Open results"), folder_,
                                   QString::fromUtf8("Results (*.json);;All files (*)"));
  if (!file.isEmpty()) open_results(file);
}

void BrowserView::choose_table_file() {
  const QString file = QFileDialog::getSaveFileName(
      this, QString::fromUtf8("Save table"), split_ + QString::fromUtf8(".csv"),
      QString::fromUtf8("Table (*.csv);;All files (*)"));
  if (!file.isEmpty()) save_table(file);
}

void BrowserView::save_table(const QString& file) {
  loader_.save(file, records_csv(model_));
}

void BrowserView::open_row(const QModelIndex& index) {
  if (!index.isValid()) return;
  const std::size_t record = model_.shown()[static_cast<std::size_t>(index.row())];
  const RecordSet& set = model_.records();
  const std::filesystem::path* picture = set.picture(record);
  if (!picture) {
    show_problem(
        QString::fromUtf8("there is no picture of image %1").arg(set.rows[record].image_id),
        QString::fromUtf8("it belongs into the folder %1 of the dataset").arg(split_));
    return;
  }
  QStringList others;
  for (const auto& text : set.questions_about(record)) others << QString::fromStdString(text);
  Q_EMIT row_opened(QString::fromStdString(picture->string()),
                    QString::fromStdString(set.questions.text(set.rows[record].question)), others);
}

void BrowserView::start_predictions() {
  if (!source_ || model_.shown().empty()) return;
  header_->clear_message();
  header_->show_progress(0, static_cast<qint64>(model_.shown().size()), {});
  // An accuracy over answers of two kinds would be nobody's.
  if (!answers_of_source_) model_.clear_answers();
  answers_of_source_ = true;
  predictions_.start(source_, model_.records().dataset, model_.shown());
  show_state();
}

void BrowserView::end_predictions(qint64 done, qint64 total, qint64 problems) {
  model_.refresh();
  show_state();
  if (done < total) {
    header_->show_note(QString::fromUtf8("Stopped after %1 of %2 questions; their answers are kept")
                           .arg(done)
                           .arg(total));
  } else if (problems > 0) {
    const auto& first = *model_.records().problems.begin();
    show_problem(QString::fromUtf8("%1 of %2 questions could not be answered, e.g. question %3: %4")
                     .arg(problems)
                     .arg(total)
                     .arg(model_.records().rows[first.first].question_id)
                     .arg(QString::fromStdString(first.second)),
                 QString::fromUtf8("they say \"no answer\"; the reason is in the tool tip"));
  }
}

void BrowserView::show_problem(const QString& message, const QString& hint) {
  offer_shown_split();
  header_->show_problem(message, hint);
  Q_EMIT problem(message, hint);
}

void BrowserView::offer_shown_split() {
  if (loader_.reading_dataset()) return;
  header_->show_splits(offered_splits_, offered_folder_ == folder_ ? split_ : QString());
  show_state();
}

void BrowserView::show_state() {
  const bool has_dataset = !model_.records().rows.empty();
  QString why_not;
  if (!source_) why_not = QString::fromUtf8("Load a model first");
  if (model_.shown().empty()) why_not = QString::fromUtf8("There is no question to answer");
  if (!has_dataset) why_not = QString::fromUtf8("Open a dataset first");
  header_->show_state(loader_.reading() || predictions_.running(), has_dataset, why_not);
  filter_bar_->setEnabled(has_dataset);
  save_->setEnabled(!model_.shown().empty());
}

void BrowserView::show_rows() {
  const bool has_dataset = !model_.records().rows.empty();
  pages_->show_page(has_dataset, !model_.shown().empty());
  summary_->setText(has_dataset ? summary_text(model_) : QString());
  show_state();
}

const RecordFilter& BrowserView::filter() const {
  return filter_bar_->filter();
}

void BrowserView::set_filter(const RecordFilter& filter) {
  filter_bar_->set_filter(filter);
}

// Key presses that no field wanted, rather than shortcuts: an app that has these keys for itself
// takes them first.
void BrowserView::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Find)) {
    filter_bar_->focus_text();
  } else if (event->modifiers() == Qt::AltModifier && event->key() == Qt::Key_Left) {
    filter_bar_->undo();
  } else if (event->modifiers() == Qt::AltModifier && event->key() == Qt::Key_Right) {
    filter_bar_->redo();
  } else if (event->key() == Qt::Key_Escape && filter() != RecordFilter()) {
    filter_bar_->reset();
  } else {
    QWidget::keyPressEvent(event);
  }
}

void BrowserView::dragEnterEvent(QDragEnterEvent* event) {
  if (!BrowserDrop(*event->mimeData()).empty()) event->acceptProposedAction();
}

void BrowserView::dropEvent(QDropEvent* event) {
  const BrowserDrop dropped(*event->mimeData());
  if (!dropped.folder.isEmpty()) open_dataset(dropped.folder);
  if (!dropped.results.isEmpty()) open_results(dropped.results);
  event->acceptProposedAction();
}

}  // namespace vqalign
