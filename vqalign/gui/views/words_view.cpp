#include "vqalign/gui/views/words_view.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <algorithm>

#include "vqalign/figure/hatching.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/gui/models/edit_state.h"

namespace vqalign {
namespace {

constexpr double kAround = 8;
constexpr double kLegendLine = 18;
constexpr int kShareHeight = 17;  // below a word

}  // namespace

WordsView::WordsView(Inspector& inspector, QWidget* parent)
    : Canvas(inspector, QString::fromUtf8("Words of the question"),
             QString::fromUtf8("Type a question above, then Return."), parent) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  connect(&inspector, &Inspector::shown_changed, this, qOverload<>(&QWidget::update));
  connect(&inspector, &Inspector::inspection_changed, this, &WordsView::fit_height);
}

WordsLayout WordsView::layout_for(int width) const {
  return lay_out_words(inspector().shown(), QPointF(kAround, kAround),
                       std::max(width - 2 * kAround, 40.0));
}

int WordsView::heightForWidth(int width) const {
  const double line = 50;
  return static_cast<int>(std::max(layout_for(width).height, line) + 2 * kAround + kLegendLine);
}

QSize WordsView::sizeHint() const {
  return {400, heightForWidth(std::max(width(), 200))};
}

void WordsView::fit_height() {
  setFixedHeight(heightForWidth(width()));
  Q_EMIT fitted(height());
}

void WordsView::resizeEvent(QResizeEvent* event) {
  Canvas::resizeEvent(event);
  if (height() != heightForWidth(width())) fit_height();
}

std::optional<std::size_t> WordsView::word_at(QPointF point) const {
  for (const WordChip& chip : layout_for(width()).chips) {
    if (chip.box.adjusted(0, 0, 0, kShareHeight).contains(point)) return chip.word;
  }
  return {};
}

QRectF WordsView::word_box(std::size_t word) const {
  for (const WordChip& chip : layout_for(width()).chips) {
    if (chip.word == word) return chip.box;
  }
  return {};
}

void WordsView::paint(QPainter& painter) {
  const FigureOptions drawn = options();
  const WordsLayout layout = layout_for(width());
  for (const WordChip& chip : layout.chips) draw_word(painter, chip, drawn);
  draw_line(painter, QRectF(kAround, kAround + layout.height, width() - 2 * kAround, kLegendLine),
            Qt::AlignLeft, figure_font(12), drawn.palette().muted,
            word_legend_text(inspector().shown()));
}

QString WordsView::tip(std::size_t place) const {
  const AnswerEvidence& shown = inspector().shown();
  const QuestionWord& word = shown.words[place];
  QString text = QString::fromUtf8("word \"%1\"").arg(display_text(word.text));
  if (!word.known) text += QString::fromUtf8(", unknown to the model");
  if (word.cut) return text + QString::fromUtf8(": beyond what the model reads");
  if (word.dropped) return text + QString::fromUtf8(": taken out");
  if (shown.word_legend.of.empty()) return text;
  const QString passes = passes_text(shown, {true, place});
  return QString::fromUtf8("%1: %2 of %3")
             .arg(text, percent_text(word.weight), QString::fromStdString(shown.word_legend.of)) +
         (passes.isEmpty() ? passes : QString::fromUtf8("; ") + passes);
}

void WordsView::point_at(std::optional<std::size_t> word) {
  inspector().point_at(word ? std::optional<Token>({true, *word}) : std::nullopt);
  if (word) say(tip(*word));
}

void WordsView::mouseMoveEvent(QMouseEvent* event) {
  const auto word = word_at(event->position());
  point_at(word);
  show_tip(event->pos(), word ? tip(*word) : QString());
}

void WordsView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const auto word = word_at(event->position());
  if (word && !inspector().shown().words[*word].cut) keep_subject(inspector(), {true, *word});
}

void WordsView::leaveEvent(QEvent*) {
  point_at({});
}

void WordsView::focusOutEvent(QFocusEvent* event) {
  point_at({});
  Canvas::focusOutEvent(event);
}

/// Over all words but those that were cut: one that was taken out can be put back.
bool WordsView::walk(int dx, int) {
  if (dx == 0) return false;
  std::vector<std::size_t> words;
  const auto& all = inspector().shown().words;
  for (std::size_t word = 0; word < all.size(); ++word) {
    if (!all[word].cut) words.push_back(word);
  }
  if (words.empty()) return true;
  const std::optional<Token> from = inspector().pointed();
  auto at = words.begin();
  if (from && from->is_word) {
    const auto found = std::find(words.begin(), words.end(), from->place);
    const auto last = static_cast<int64_t>(words.size()) - 1;
    if (found != words.end()) at = words.begin() + std::clamp<int64_t>(found - at + dx, 0, last);
  }
  point_at(*at);
  return true;
}

void WordsView::keyPressEvent(QKeyEvent* event) {
  const std::optional<Token> on = inspector().pointed();
  const bool on_word = on && on->is_word;
  switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (on_word) return keep_subject(inspector(), *on);
      break;
    case Qt::Key_Delete:
      if (on_word && !event->isAutoRepeat()) toggle_dropped_token(inspector(), *on);
      if (on_word) return;
      break;
    default:
      break;
  }
  Canvas::keyPressEvent(event);
}

void WordsView::contextMenuEvent(QContextMenuEvent* event) {
  std::optional<std::size_t> word = word_at(event->pos());
  if (event->reason() == QContextMenuEvent::Keyboard) {
    const std::optional<Token> on = inspector().pointed();
    word = on && on->is_word ? std::optional(on->place) : std::nullopt;
  }
  if (!word || inspector().shown().words[*word].cut) return;
  const QuestionWord& chosen = inspector().shown().words[*word];
  const QString name = display_text(chosen.text);
  QMenu menu(this);
  if (!chosen.dropped) {
    menu.addAction(QString::fromUtf8("&Look at \"%1\"").arg(name), [this, word] {
      keep_subject(inspector(), {true, *word});
    });
  }
  menu.addAction(
      QString::fromUtf8(chosen.dropped ? "&Put \"%1\" back" : "&Take \"%1\" out").arg(name),
      [this, word] {
        toggle_dropped_token(inspector(), {true, *word});
      });
  menu.exec(event->globalPos());
}

}  // namespace vqalign
