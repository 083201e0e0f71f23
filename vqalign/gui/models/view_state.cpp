#include "vqalign/gui/models/view_state.h"

#include <algorithm>

#include "vqalign/core/error.h"
#include "vqalign/figure/figure_choice.h"
#include "vqalign/gui/models/fitting_weights.h"
#include "vqalign/inspect/answerer.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSessionFormat = 1;
constexpr int64_t kMostPlaces = 1 << 20;
constexpr int64_t kAllRegions = 20;

std::string head_text(const MapChoice& map) {
  if (map.head == MapChoice::kMean) return "mean";
  if (map.head == MapChoice::kMax) return "max";
  return std::to_string(map.head);
}

int64_t parse_head(const std::string& text, const std::string& where) {
  if (text == "mean") return MapChoice::kMean;
  if (text == "max") return MapChoice::kMax;
  return whole_numbers({text}, where, 0, kMostPlaces).front();
}

std::vector<std::string> texts_of(const std::vector<std::size_t>& places) {
  std::vector<std::string> texts;
  for (const std::size_t place : places) texts.push_back(std::to_string(place));
  return texts;
}

/// In single quotes, unless nothing in it means anything to a shell.
std::string shell_quoted(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("_-./:=,+@%").find(char(c)) != std::string::npos;
  });
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string option_text(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value.as_array()) {
    text += (text.empty() ? "" : ",") + item.as_string();
  }
  return text;
}

/// Relative to `folder` where the path lies below it.
std::string path_from(const fs::path& folder, const fs::path& path) {
  if (path.empty()) return {};
  const fs::path absolute = fs::absolute(path).lexically_normal();
  const fs::path relative = absolute.lexically_relative(folder);
  const bool below = !relative.empty() && *relative.begin() != "..";
  return below ? relative.string() : absolute.string();
}

fs::path path_to(const fs::path& folder, const std::string& text) {
  return text.empty() ? fs::path() : (folder / text).lexically_normal();
}

fs::path folder_of(const fs::path& file) {
  return fs::absolute(file).lexically_normal().parent_path();
}

void check_passes(int64_t passes, const std::string& where) {
  constexpr int64_t fewest = AskOptions::kFewestPasses, most = AskOptions::kMostPasses;
  if (passes == 0 || (passes >= fewest && passes <= most)) return;
  fail(where, ": passes is ", passes, ", allowed is 0 or ", fewest, " to ", most);
}

void take_options(ViewState& state, const FigureOptions& options, const std::string& where) {
  const auto named = [&](const char* field) { return where + ": figure." + field; };
  state.weights.source = *source_of(options.weights);
  state.weights.map = {options.layer, parse_head(options.head, named("head"))};
  state.weights.reading = options.reading == "given" ? Reading::kGiven : Reading::kReceived;
  if (options.region >= 0) {
    state.weights.subject = Token{false, static_cast<std::size_t>(options.region)};
  } else if (!options.word.empty()) {
    if (options.word[0] != '#') fail(named("word"), " is \"", options.word, "\", expected #PLACE");
    const auto place = whole_numbers({options.word.substr(1)}, named("word"), 0, kMostPlaces);
    state.weights.subject = Token{true, static_cast<std::size_t>(place.front())};
  }
  state.weights.answer = options.answer;
  state.family = family_of(options.family).value_or(AttentionFamily::kGuided);
  state.edits = figure_edits(options);
  state.sorted = options.sorted;
  state.colours = options.colours;
  state.opacity = options.opacity;
  state.scale = options.scale;
}

}  // namespace

std::optional<HeadSite> ViewState::selected() const {
  if (weights.map.layer < 0 || weights.map.head < 0) return {};
  return HeadSite{family, weights.map.layer, weights.map.head};
}

FigureOptions figure_options(const ViewState& state, const std::string& view,
                             const std::string& theme) {
  FigureOptions options;
  options.view = view;
  options.weights = source_name(state.weights.source);
  // "all" is every family in the overview, and guided attention where there is one map.
  const bool all = view == "heads" || state.family == AttentionFamily::kGuided;
  options.family = all ? "all" : family_name(state.family);
  options.layer = state.weights.map.layer;
  options.head = head_text(state.weights.map);
  options.reading = state.weights.reading == Reading::kGiven ? "given" : "received";
  if (state.weights.subject) {
    const Token& subject = *state.weights.subject;
    if (subject.is_word) options.word = "#" + std::to_string(subject.place);
    if (!subject.is_word) options.region = static_cast<int64_t>(subject.place);
  }
  options.answer = state.weights.answer;
  for (const HeadSite& site : state.edits.silenced) options.silence.push_back(site_text(site));
  options.drop_words = texts_of(state.edits.dropped_words);
  options.drop_regions = texts_of(state.edits.dropped_regions);
  // What switching a head off changes is measured by the app alone.
  const bool measured = state.statistic == HeadStatistic::kEffect;
  options.statistic = measured ? "entropy" : statistic_name(state.statistic);
  options.sorted = state.sorted;
  options.colours = state.colours;
  options.opacity = state.opacity;
  options.scale = state.scale;
  if (state.outlines) options.regions = kAllRegions;
  options.theme = theme;
  return options;
}

std::string figure_command(const ViewState& state, const std::string& view,
                           const std::string& theme, const fs::path& model) {
  FigureOptions defaults, options = figure_options(state, view, theme);
  const Json standard = options_to_json({{"figure", defaults.fields()}}).at("figure");
  const Json wanted = options_to_json({{"figure", options.fields()}}).at("figure");
  // A question that began with a dash would be an option; a blank before it changes nothing else.
  const bool dashed = state.question.starts_with("-");
  std::string command = "vqalign figure " + shell_quoted(fs::absolute(state.picture).string()) +
                        " " + shell_quoted((dashed ? " " : "") + state.question) + " --model " +
                        shell_quoted(model.string()) + " --top " + std::to_string(kAnswersAsked) +
                        (state.passes > 0 ? concat(" --passes ", state.passes) : "") +
                        " --out figure.svg";
  for (const auto& [name, value] : wanted.as_object()) {
    if (value == standard.at(name)) continue;
    command += " --set " + shell_quoted(concat("figure.", name, "=", option_text(value)));
  }
  return command;
}

void write_session(const fs::path& file, const Session& session) {
  const fs::path folder = folder_of(file);
  FigureOptions options = figure_options(session.state, "summary", "light");
  write_json(file, Json::object()
                       .set("format", kSessionFormat)
                       .set("model", path_from(folder, session.model))
                       .set("picture", path_from(folder, session.state.picture))
                       .set("question", session.state.question)
                       .set("figure", options_to_json({{"figure", options.fields()}}).at("figure"))
                       .set("statistic", statistic_name(session.state.statistic))
                       .set("outlines", session.state.outlines)
                       .set("passes", session.state.passes));
}

Session read_session(const fs::path& file) {
  constexpr std::size_t kMostBytes = 1 << 22;
  const std::string where = file.string();
  const Json json = read_json(file, kMostBytes);
  const int64_t format = json.at("format", where).as_int(where + ": format");
  if (format != kSessionFormat) {
    fail(where, ": is a session of format ", format, ", this program reads ", kSessionFormat);
  }
  const fs::path folder = folder_of(file);
  const auto text = [&](const char* name) {
    return json.at(name, where).as_string(where + ": " + name);
  };
  FigureOptions options;
  options_from_json({{"figure", options.fields()}},
                    Json::object().set("figure", json.at("figure", where)), where);
  Session session{path_to(folder, text("model")), {}};
  session.state.picture = path_to(folder, text("picture"));
  session.state.question = text("question");
  session.state.outlines = json.at("outlines", where).as_bool(where + ": outlines");
  if (const Json* passes = json.find("passes")) {
    session.state.passes = passes->as_int(where + ": passes");
    check_passes(session.state.passes, where);
  }
  const std::optional<HeadStatistic> statistic = statistic_of(text("statistic"));
  if (!statistic) {
    fail(where, ": statistic is \"", text("statistic"),
         "\", expected entropy, peak, alignment or effect");
  }
  session.state.statistic = *statistic;
  take_options(session.state, options, where);
  return session;
}

}  // namespace vqalign
