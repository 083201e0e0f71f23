// The page around a report's parts, and how text becomes HTML.
#include <cstdio>

#include "vqalign/core/error.h"
#include "vqalign/core/unicode.h"
#include "vqalign/train/report_parts.h"

namespace vqalign::detail {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5b6577; --line: #d9dee7; --page: #ffffff;
  --card: #f6f8fb; --bar: #3a6fb0; --prior: #c25d12; --good: #2c7a4b; --bad: #b3372f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #9aa5b8; --line: #343c4a; --page: #14181f; --card: #1d232d;
    --bar: #6fa3e0; --prior: #f09a4f; --good: #6cc492; --bad: #f08a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 70rem; background: var(--page);
  color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1.2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; }
p { margin: .3rem 0 .9rem; color: var(--soft); max-width: 48rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.4rem, 1fr)); gap: .8rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .7rem .9rem; }
.tile b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; line-height: 1.3; }
.tile span { color: var(--soft); font-size: .85rem; display: block; line-height: 1.3; }
svg { display: block; width: 100%; height: auto; max-width: 52rem; }
svg.bars { min-width: 34rem; }
svg.square { max-width: 28rem; }
.pair { display: flex; flex-wrap: wrap; gap: 1rem; }
.pair svg { flex: 1 1 20rem; }
svg .curve { fill: none; stroke: var(--bar); stroke-width: 2; }
svg text { fill: var(--ink); font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
svg text.soft { fill: var(--soft); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .bar { fill: var(--bar); }
svg .count { fill: var(--line); }
svg .prior { stroke: var(--prior); stroke-width: 3; }
svg .halo { stroke: var(--page); stroke-width: 7; }
svg .ideal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; }
td.number, th.number { text-align: right; white-space: nowrap; }
.said { color: var(--bad); } .truth { color: var(--good); }
.controls { display: flex; flex-wrap: wrap; gap: .8rem; margin: 0 0 1rem; }
.controls[hidden] { display: none; }
select, input { font: inherit; padding: .3rem .5rem; color: inherit; background: var(--card);
  border: 1px solid var(--line); border-radius: .35rem; max-width: 100%; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; }
.card { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  overflow: hidden; display: flex; flex-direction: column; }
.card[hidden] { display: none; }
.card img { width: 100%; height: 11rem; object-fit: contain; background: #00000014; }
.card figcaption { padding: .6rem .8rem .7rem; overflow-wrap: anywhere; font-size: .92rem; }
.card .question { font-weight: 600; margin-bottom: .3rem; }
.card .facts { color: var(--soft); font-size: .8rem; margin-top: .35rem; }
@media print { body { max-width: none; padding: 0; font-size: 11px; } .controls { display: none; }
  h2 { break-after: avoid; } .card, .tile, tr { break-inside: avoid; }
  .gallery { grid-template-columns: repeat(4, 1fr); } .card img { height: 6rem; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
)";

// Only hides and shows what is there: without scripts everything is shown.
constexpr const char* kScript = R"(
(function () {
  var controls = document.getElementById('controls');
  if (!controls) return;
  var type = document.getElementById('type'), words = document.getElementById('words');
  var shown = document.getElementById('shown');
  var cards = Array.prototype.slice.call(document.querySelectorAll('.card'));
  function filter() {
    var wanted = words.value.toLowerCase(), count = 0;
    cards.forEach(function (card) {
      var fits = (!type.value || card.getAttribute('data-type') === type.value) &&
                 card.textContent.toLowerCase().indexOf(wanted) >= 0;
      card.hidden = !fits;
      if (fits) count += 1;
    });
    shown.textContent = count + ' shown';
  }
  controls.hidden = false;
  type.addEventListener('change', filter);
  words.addEventListener('input', filter);
  filter();
})();
)";

/// "<td class=..>" and its like; the first of a row is text, the others are numbers.
std::string page_row(const char* tag, const std::vector<std::string>& cells) {
  std::string row = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    row += concat("<", tag, i == 0 ? "" : " class=\"number\"", ">", html_text(cells[i]), "</", tag,
                  ">");
  }
  return row + "</tr>\n";
}

}  // namespace

std::string html_text(std::string_view text) {
  constexpr char32_t kLastCodePoint = 0x10FFFF;
  std::string html;
  html.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char32_t code = next_code_point(text, i);
    if (code == '&') {
      html += "&amp;";
    } else if (code == '<') {
      html += "&lt;";
    } else if (code == '>') {
      html += "&gt;";
    } else if (code == '"') {
      html += "&quot;";
    } else if (code == '\'') {
      html += "&#39;";
    } else if (code < 0x20 || (code >= 0x7F && code < 0xA0)) {
      html += ' ';
    } else {
      append_code_point(html, code > kLastCodePoint ? 0xFFFD : code);
    }
  }
  return html;
}

std::string html_data(std::string_view text) {
  return "<bdi>" + html_text(text) + "</bdi>";
}

std::string html_number(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string html_count(int64_t count) {
  const std::string digits = std::to_string(count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string html_table(const TextTable& table) {
  std::string html =
      "<div class=\"scroll\"><table><thead>" + page_row("th", table.head) + "</thead><tbody>\n";
  for (const auto& row : table.rows) html += page_row("td", row);
  return html + "</tbody></table></div>\n";
}

std::string report_head(const std::string& title) {
  // The policy keeps the page from ever reaching out, whatever its data holds.
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<title>" +
         html_text(title) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" +
         html_data(title) + "</h1>\n";
}

std::string report_foot() {
  return std::string("<script>") + kScript + "</script>\n</body>\n</html>\n";
}

}  // namespace vqalign::detail
