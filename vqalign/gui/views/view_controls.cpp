#include "vqalign/gui/views/view_controls.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <algorithm>
#include <cmath>

#include "vqalign/figure/colour_map.h"
#include "vqalign/figure/overlay.h"

namespace vqalign {
namespace {

constexpr WeightSource kSourceOrder[] = {WeightSource::kPooling, WeightSource::kAttention,
                                         WeightSource::kRollout, WeightSource::kRelevance};
constexpr const char* kSourceTexts[] = {"Pooling", "Attention", "Rollout", "Relevance"};
constexpr const char* kSourceTips[] = {"What the poolings before the answer look at",
                                       "What the chosen layer and head share with a word or region",
                                       "Attention multiplied through all layers",
                                       "Attention weighted by what it does for an answer"};

/// A labelled control in a row.
void add(QHBoxLayout& row, const char* label, QWidget* widget, const char* tip) {
  auto* text = new QLabel(QString::fromUtf8(label));
  text->setBuddy(widget);
  widget->setAccessibleName(QString::fromUtf8(label).remove(u'&'));
  widget->setToolTip(QString::fromUtf8(tip));
  row.addWidget(text);
  row.addWidget(widget);
}

template <typename Values, typename Value>
int index_in(const Values& values, const Value& value) {
  return static_cast<int>(std::find(std::begin(values), std::end(values), value) -
                          std::begin(values));
}

}  // namespace

ViewControls::ViewControls(Inspector& inspector, QWidget* parent)
    : QWidget(parent),
      inspector_(inspector),
      source_(new QComboBox),
      layer_(new QComboBox),
      head_(new QComboBox),
      reading_(new QComboBox),
      colours_(new QComboBox),
      opacity_(new QSlider(Qt::Horizontal)),
      lock_(new QCheckBox(QString::fromUtf8("Loc&k scale"))),
      outlines_(new QCheckBox(QString::fromUtf8("&Boxes"))) {
  build();
  build_look();
  connect_choices();
  connect_look();
  connect(&inspector_, &Inspector::model_changed, this, &ViewControls::fill_model);
  connect(&inspector_, &Inspector::state_changed, this, &ViewControls::follow);
  fill_model();
}

void ViewControls::build() {
  for (std::size_t i = 0; i < std::size(kSourceTexts); ++i) {
    source_->addItem(QString::fromUtf8(kSourceTexts[i]));
    source_->setItemData(int(i), QString::fromUtf8(kSourceTips[i]), Qt::ToolTipRole);
  }
  reading_->addItem(QString::fromUtf8("Received"));
  reading_->addItem(QString::fromUtf8("Given"));
  for (const std::string& map : colour_map_names()) {
    colours_->addItem(QString::fromStdString(map));
  }
  opacity_->setRange(0, 100);
  opacity_->setFixedWidth(90);
  auto* first = new QHBoxLayout;
  add(*first, "&Show", source_, "Where the weights of words and regions come from");
  add(*first, "La&yer", layer_, "Layer of the attention shown, counted from 0");
  add(*first, "Hea&d", head_, "Head of the layer, or all of them together");
  add(*first, "&Reading", reading_,
      "Received: who looks at it, as shares. Given: what it looks at");
  first->addStretch();
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(6, 2, 6, 2);
  rows->setSpacing(4);
  rows->addLayout(first);
}

void ViewControls::build_look() {
  auto* second = new QHBoxLayout;
  add(*second, "&Colours", colours_, "Colour map; all of them can be read by the colour-blind");
  add(*second, "O&pacity", opacity_, "Of the overlay where its weight is largest");
  lock_->setToolTip(
      QString::fromUtf8("Keeps the weight that has the last colour, so that maps can be compared"));
  outlines_->setToolTip(QString::fromUtf8("Outlines the regions with the largest weights"));
  for (QCheckBox* box : {lock_, outlines_}) {
    box->setAccessibleName(box->text().remove(u'&'));
    second->addWidget(box);
  }
  second->addStretch();
  static_cast<QVBoxLayout*>(layout())->addLayout(second);
}

void ViewControls::connect_choices() {
  connect(source_, &QComboBox::activated, this, [this](int index) {
    ViewState next = inspector_.state();
    next.weights.source = kSourceOrder[index];
    inspector_.change(next, QString::fromUtf8("kind of weights"));
  });
  connect(layer_, &QComboBox::activated, this, [this](int index) {
    ViewState next = inspector_.state();
    next.weights.map.layer = index == 0 ? MapChoice::kLast : index - 1;
    next.weights.source = WeightSource::kAttention;
    inspector_.change(next, QString::fromUtf8("layer"));
  });
  connect(head_, &QComboBox::activated, this, [this](int index) {
    ViewState next = inspector_.state();
    next.weights.map.head = index == 0   ? MapChoice::kMean
                            : index == 1 ? MapChoice::kMax
                                         : index - 2;
    next.weights.source = WeightSource::kAttention;
    inspector_.change(next, QString::fromUtf8("head"));
  });
  connect(reading_, &QComboBox::activated, this, [this](int index) {
    ViewState next = inspector_.state();
    next.weights.reading = index == 0 ? Reading::kReceived : Reading::kGiven;
    inspector_.change(next, QString::fromUtf8("reading"));
  });
}

void ViewControls::connect_look() {
  connect(colours_, &QComboBox::activated, this, [this](int index) {
    ViewState next = inspector_.state();
    next.colours = colour_map_names()[std::size_t(index)];
    inspector_.change(next, QString::fromUtf8("colours"));
  });
  connect(opacity_, &QSlider::valueChanged, this, [this](int value) {
    ViewState next = inspector_.state();
    next.opacity = value / 100.0;
    inspector_.change(next, QString::fromUtf8("opacity"), QString::fromUtf8("opacity"));
  });
  connect(lock_, &QCheckBox::toggled, this, [this](bool on) {
    ViewState next = inspector_.state();
    next.scale = on ? overlay_scale(inspector_.shown(), {}) : 0;
    inspector_.change(next, QString::fromUtf8("scale"));
  });
  connect(outlines_, &QCheckBox::toggled, this, [this](bool on) {
    ViewState next = inspector_.state();
    next.outlines = on;
    inspector_.change(next, QString::fromUtf8("boxes"));
  });
}

void ViewControls::fill_model() {
  const ModelCard& card = inspector_.card();
  layer_->clear();
  layer_->addItem(QString::fromUtf8("last"));
  const int64_t layers = std::max(card.layers, card.pretrained.layers);
  for (int64_t i = 0; i < layers; ++i) layer_->addItem(QString::number(qlonglong(i)));
  head_->clear();
  head_->addItem(QString::fromUtf8("mean"));
  head_->addItem(QString::fromUtf8("max"));
  const int64_t heads = std::max(card.heads, card.pretrained.heads);
  for (int64_t i = 0; i < heads; ++i) head_->addItem(QString::number(qlonglong(i)));
  follow();
}

void ViewControls::follow() {
  const ViewState& state = inspector_.state();
  source_->setCurrentIndex(index_in(kSourceOrder, state.weights.source));
  layer_->setCurrentIndex(int(state.weights.map.layer + 1));
  const int64_t head = state.weights.map.head;
  head_->setCurrentIndex(head == MapChoice::kMean  ? 0
                         : head == MapChoice::kMax ? 1
                                                   : int(head + 2));
  reading_->setCurrentIndex(state.weights.reading == Reading::kReceived ? 0 : 1);
  follow_look();
}

void ViewControls::follow_look() {
  const ViewState& state = inspector_.state();
  const QSignalBlocker quiet_opacity(opacity_), quiet_lock(lock_), quiet_outlines(outlines_);
  colours_->setCurrentText(QString::fromStdString(state.colours));
  opacity_->setValue(int(std::lround(state.opacity * 100)));
  lock_->setChecked(state.scale > 0);
  outlines_->setChecked(state.outlines);
}

}  // namespace vqalign
