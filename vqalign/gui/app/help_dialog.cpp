#include "vqalign/gui/app/help_dialog.h"

#include <QDialogButtonBox>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace vqalign {

HelpDialog::HelpDialog(QWidget* parent) : QDialog(parent) {
  setWindowTitle(QString::fromUtf8("Help"));
  auto* text = new QTextBrowser;
  text->setAccessibleName(QString::fromUtf8("Help"));
  text->setSource(QUrl(QString::fromUtf8("qrc:/vqalign/help.html")));
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
  auto* column = new QVBoxLayout(this);
  column->addWidget(text);
  column->addWidget(buttons);
  resize(680, 640);
}

}  // namespace vqalign
